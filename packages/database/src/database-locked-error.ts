/** Who has the directory. */
export type DirectoryHolder = {
  readonly directory: string;
  readonly pid: number;
  readonly host: string;
  /** When it was taken, ISO 8601. */
  readonly since: string;
};

/** The data directory of an embedded database is in use; the message names the holder and says what to do. */
export class DatabaseLockedError extends Error {
  override readonly name = "DatabaseLockedError";
  readonly directory: string;
  readonly pid: number;
  readonly host: string;
  readonly since: string;

  constructor({ directory, pid, host, since }: DirectoryHolder, advice: string) {
    super(`The database in ${directory} is in use by process ${pid} on ${host} since ${since}. ${advice}`);
    this.directory = directory;
    this.pid = pid;
    this.host = host;
    this.since = since;
  }
}
