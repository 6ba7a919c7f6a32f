import { DatabaseLockedError, type OpenDatabase, openDatabase } from "@countersign/database";
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

/** Runs one command on auth's database, migrated, and ends with status 1 and a sentence when it fails. */
export async function runCommand(work: (command: Command) => Promise<void>): Promise<void> {
  try {
    const settings = readEnv(commandEnv, process.env);
    const database = await openDatabase(databaseUrlOf(settings));
    try {
      await database.migrate("auth", migrationsFolder);
      await work({ settings, database, say: (line) => process.stdout.write(`${line}\n`) });
    } finally {
      await database.close();
    }
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exitCode = 1;
  }
}

function explain(error: unknown): string {
  if (error instanceof DatabaseLockedError) return `${error.message} Stop it first, or use PostgreSQL.`;
  const isTheirs = error instanceof UsageError || error instanceof ConfigurationError;
  if (isTheirs) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
