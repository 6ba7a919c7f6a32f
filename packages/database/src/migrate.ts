import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { assertJournalOrdered, type JournalEntry } from "./journal.ts";
import { MigrationError } from "./migration-error.ts";
import type { Row } from "./types.ts";

/** What migrating needs of a driver; all of it in one transaction, which the driver begins and ends. */
export type MigrationTarget = {
  query(text: string, params?: readonly unknown[]): Promise<readonly Row[]>;
  /** Runs a text of one or more statements without parameters. */
  execute(text: string): Promise<void>;
  /** What the schema of this name is called in the database; both functions above rename it in a text. */
  schemaOf(name: string): string;
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
  const missing = migrations.filter(({ when }) => !applied.has(when));
  if (missing.length === 0) return;
  await prepareSchema(target, name);
  for (const migration of missing) await apply(target, name, migration);
}

/** The schema and the journal, each made only when it is missing: to ask for either takes the right to make it. */
async function prepareSchema(target: MigrationTarget, name: string): Promise<void> {
  const schema = target.schemaOf(name);
  const [found] = await target.query(
    `select pg_get_userbyid(nspowner) as owner, has_schema_privilege(oid, 'create') as may_create,
      exists (select 1 from pg_class where relnamespace = pg_namespace.oid) as is_used
    from pg_namespace where nspname = $1`,
    [schema],
  );
  if (found === undefined) {
    await refusing(target.execute(`create schema ${quote(schema)}`), needsOwner(`The schema "${schema}" is missing`));
  }
  if (await hasJournal(target, name)) return;
  if (found !== undefined && (found["is_used"] === true || found["may_create"] !== true)) {
    const problem = `The schema "${schema}" of this database is somebody else's, the role "${String(found["owner"])}" owns it.`;
    throw new MigrationError("schema_taken", `${problem} ${whatToDo}`);
  }
  const table = `create table ${journalOf(name)} (id serial primary key, hash text not null, created_at bigint)`;
  await refusing(target.execute(table), needsOwner(`The schema "${schema}" has no journal`));
}

async function apply(target: MigrationTarget, name: string, { tag, text, hash, when }: Migration): Promise<void> {
  const ownSchema = new RegExp(`^\\s*create\\s+schema\\s+if\\s+not\\s+exists\\s+"?${name}"?\\s*;?\\s*$`, "i");
  for (const statement of text.split("--> statement-breakpoint")) {
    if (ownSchema.test(statement)) continue; // it is there
    const applied = target.execute(statement).catch((cause: unknown) => {
      if (isNotAllowed(cause)) throw cause;
      throw new MigrationError("statement_failed", `Migration ${tag} of "${name}" failed at: ${statement}`, { cause });
    });
    await refusing(applied, needsOwner(`Migration ${tag} of "${name}" is missing here`));
  }
  await target.query(`insert into ${journalOf(name)} (hash, created_at) values ($1, $2)`, [hash, when]);
}

/** Says by whom it can be done, where the role may not (SQLSTATE 42501). */
async function refusing(work: Promise<void>, problem: string): Promise<void> {
  await work.catch((cause: unknown) => {
    throw isNotAllowed(cause) ? new MigrationError("not_allowed", problem, { cause }) : cause;
  });
}

function isNotAllowed(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "42501";
}

function needsOwner(problem: string): string {
  return `${problem}, and this role may not make it: run "npm run migrate" with the DATABASE_URL of a role that may.`;
}

const whatToDo =
  "Give Countersign a database of its own, which may be on the same server; for the schema of auth, AUTH_SCHEMA names another.";

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function journalOf(name: string): string {
  return `${quote(name)}."__drizzle_migrations"`;
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
  if (!(await hasJournal(target, name))) return new Map();
  const rows = await target.query(`select created_at, hash from ${journalOf(name)}`);
  return new Map(rows.map((row) => [Number(row["created_at"]), String(row["hash"])]));
}

/** By the catalogue, which every role may read, also of a schema that it may not use. */
async function hasJournal(target: MigrationTarget, name: string): Promise<boolean> {
  const [found] = await target.query(
    `select exists (
      select 1 from pg_class join pg_namespace on pg_namespace.oid = relnamespace
      where nspname = $1 and relname = '__drizzle_migrations'
    ) as here`,
    [target.schemaOf(name)],
  );
  return found?.["here"] === true;
}
