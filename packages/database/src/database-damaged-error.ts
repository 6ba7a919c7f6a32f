/** The files of an embedded database cannot be opened; the message names the directory and says what to do. */
export class DatabaseDamagedError extends Error {
  override readonly name = "DatabaseDamagedError";

  constructor(directory: string, options: ErrorOptions) {
    const problem = `The database in ${directory} cannot be opened: its files are damaged, or of another version.`;
    super(`${problem} Restore a backup of them, or name another directory.`, options);
  }
}
