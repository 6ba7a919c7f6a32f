import { Refusal } from "@countersign/context";
import {
  DatabaseLockedError,
  isUnavailable,
  MigrationError,
  type OpenDatabase,
  openDatabase,
} from "@countersign/database";
import { ConfigurationError, readEnv } from "@countersign/service";
import { migrationsFolder } from "../app.ts";
import { type CommandSettings, commandEnv, databaseUrlOf } from "../env.ts";

/** A command was called wrongly; the message says how it is called. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What a command works with. Each line that it prints says one thing that it did. */
export type Command = {
  readonly settings: CommandSettings;
  readonly database: OpenDatabase;
  readonly say: (line: string) => void;
};

/** What a command does once its words are understood. */
export type CommandWork = (command: Command) => Promise<void>;

/**
 * Runs one command on auth's database, migrated. The words are read first, so that a usage needs no database. The status
 * is 2 for a command that was called wrongly, and 1, with a sentence, for one that failed.
 *
 * @param read gives the work that the words ask for, or throws UsageError
 */
export async function runCommand(read: (args: readonly string[]) => CommandWork): Promise<void> {
  const args = process.argv.slice(2);
  try {
    const work = read(args);
    const settings = readEnv(commandEnv, process.env);
    const database = await openDatabase(databaseUrlOf(settings));
    try {
      await database.migrate("auth", migrationsFolder);
      await work({ settings, database, say });
    } finally {
      await database.close();
    }
  } catch (error) {
    if (error instanceof UsageError && isHelp(args)) return say(error.message);
    process.stderr.write(`${explain(error)}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function isHelp([word = ""]: readonly string[]): boolean {
  return ["help", "--help", "-h"].includes(word);
}

function explain(error: unknown): string {
  if (error instanceof DatabaseLockedError) return `${error.message} Stop it first, or use PostgreSQL.`;
  const isTheirs =
    error instanceof UsageError ||
    error instanceof ConfigurationError ||
    error instanceof MigrationError ||
    error instanceof Refusal;
  if (isTheirs) return error.message;
  if (isUnavailable(error)) return "The database does not answer; DATABASE_URL says where it is.";
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
