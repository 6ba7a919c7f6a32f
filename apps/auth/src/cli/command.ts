import { Refusal } from "@countersign/context";
import { DatabaseLockedError, type OpenDatabase, openDatabase } from "@countersign/database";
import { databaseOptions, explainFailure, readSettingsAtStart } from "@countersign/service";
import { migrationsFolder } from "../app.ts";
import { AnchorError, assertOurs, readAnchor } from "../audit/anchor.ts";
import { auditedDatabase } from "../audit/audited-database.ts";
import { createJournal } from "../audit/journal.ts";
import { deriveSecrets } from "../secrets/derive-secrets.ts";
import { secretsOf } from "../secrets/secrets-of.ts";
import { type CommandSettings, databaseUrlOf } from "../settings.ts";

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

/** What `runCommand` gives beside: the secrets of auth, current first. */
export type SecretCommand = Command & { readonly secrets: readonly Uint8Array[] };

/**
 * Runs one command on auth's database, migrated. The words are read first, so that a usage needs no database. The status
 * is 2 for a command that was called wrongly, and 1, with a sentence, for one that failed. What it writes to the audit log
 * is signed, so that it needs the secrets of the auth whose database it is.
 *
 * @param read gives the work that the words ask for, or throws UsageError
 * @param readsOnly for a command that writes nothing, and says itself what it thinks of the audit log
 */
export async function runCommand(
  read: (args: readonly string[]) => (command: SecretCommand) => Promise<void>,
  { readsOnly = false }: { readonly readsOnly?: boolean } = {},
): Promise<void> {
  const args = process.argv.slice(2);
  try {
    const work = read(args);
    const settings = readSettingsAtStart("command", process.env);
    const secrets = await secretsOf(settings);
    const database = await openDatabase(databaseUrlOf(settings), databaseOptions(settings));
    try {
      await database.migrate("auth", migrationsFolder);
      const signing = readsOnly ? database : await audited(database, deriveSecrets(secrets).audit);
      await work({ settings, secrets, database: signing, say });
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

/**
 * The database with a journal, so that audit rows are signed. With other secrets than those of the auth that has it they
 * stay unsigned, and that is said: what ends a key or a service must not fail for it.
 */
async function audited(database: OpenDatabase, keys: readonly Uint8Array[]): Promise<OpenDatabase> {
  try {
    const anchor = await readAnchor(database.db);
    if (anchor !== null) assertOurs(anchor, keys);
    return { ...database, db: auditedDatabase(database.db, createJournal(keys)) };
  } catch (error) {
    if (!(error instanceof AnchorError)) throw error;
    const what = "SECRETS_KEY, SECRETS_KEY_FILE: are not those of the auth that has this database";
    process.stderr.write(`${what}; what this command writes to the audit log is unsigned, and is reported.\n`);
    return database;
  }
}

function explain(error: unknown): string {
  if (error instanceof DatabaseLockedError) return `${error.message} Stop it first, or use PostgreSQL.`;
  if (error instanceof UsageError || error instanceof Refusal) return error.message;
  return explainFailure(error);
}
