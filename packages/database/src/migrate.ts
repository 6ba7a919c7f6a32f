import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { MigrationConfig } from "drizzle-orm/migrator";
import { assertJournalOrdered, type JournalEntry } from "./journal.ts";
import { MigrationError } from "./migration-error.ts";
import type { Row } from "./types.ts";

/** What migrating needs of a driver; all of it on one connection. */
export type MigrationTarget = {
  query(text: string, params: readonly unknown[]): Promise<readonly Row[]>;
  apply(config: MigrationConfig): Promise<void>;
};

type Migration = JournalEntry & { readonly hash: string; readonly text: string };

/**
 * Applies what is missing, after holding the folder against the journal of the database: the migrator itself looks at
 * the youngest timestamp alone, so it would skip a late-comer and not see an edited file.
 */
export async function runMigrations(target: MigrationTarget, name: string, folder: string): Promise<void> {
  const migrations = await Promise.all(
    (await assertJournalOrdered(folder)).map((entry) => readMigration(entry, folder)),
  );
  const applied = await readApplied(target, name);
  const youngest = Math.max(0, ...applied.keys());
  for (const { tag, when, hash, text } of migrations) {
    if (new RegExp(`create\\s+schema\\s+"?${name}"?\\s*(;|$)`, "i").test(text)) {
      const problem = `Migration ${tag} creates the schema "${name}", which the migrator's journal has created before.`;
      throw new MigrationError("schema_not_guarded", `${problem} Write CREATE SCHEMA IF NOT EXISTS there.`);
    }
    const known = applied.get(when);
    if (known === undefined && when < youngest) {
      const problem = `Migration ${tag} of "${name}" is older than one that this database has applied already.`;
      throw new MigrationError("migration_skipped", `${problem} Generate it again with drizzle-kit.`);
    }
    if (known !== undefined && known !== hash) {
      const problem = `Migration ${tag} of "${name}" was changed after this database applied it.`;
      throw new MigrationError("migration_changed", `${problem} Restore the file and add a new migration instead.`);
    }
  }
  if (migrations.every(({ when }) => applied.has(when))) return;
  await target.apply({ migrationsFolder: folder, migrationsSchema: name });
}

/** The migrator's own hash: SHA-256 of the file, in hex. */
async function readMigration(entry: JournalEntry, folder: string): Promise<Migration> {
  const text = await readFile(path.join(folder, `${entry.tag}.sql`), "utf8").catch((cause: unknown) => {
    throw new MigrationError("journal_unreadable", `${entry.tag}.sql is in the journal but not in ${folder}.`, {
      cause,
    });
  });
  return { ...entry, text, hash: createHash("sha256").update(text).digest("hex") };
}

/** The journal table of the schema: when to hash; empty before the first migration. */
async function readApplied(target: MigrationTarget, name: string): Promise<ReadonlyMap<number, string>> {
  const table = `"${name.replaceAll('"', '""')}"."__drizzle_migrations"`;
  const [found] = await target.query("select to_regclass($1) is not null as here", [table]);
  if (found?.["here"] !== true) return new Map();
  const rows = await target.query(`select created_at, hash from ${table}`, []);
  return new Map(rows.map((row) => [Number(row["created_at"]), String(row["hash"])]));
}
