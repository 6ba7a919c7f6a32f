import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/** One migration for a test: name, time and SQL. */
export type TestMigration = { readonly tag: string; readonly when: number; readonly sql: string };

/** Writes them as drizzle-kit does and gives the folder, which is the test's to remove. */
export async function writeMigrations(migrations: readonly TestMigration[]): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "countersign-migrations-"));
  await rewriteMigrations(folder, migrations);
  return folder;
}

/** Replaces the migrations of a folder. */
export async function rewriteMigrations(folder: string, migrations: readonly TestMigration[]): Promise<void> {
  const entries = migrations.map(({ tag, when }, idx) => ({ idx, version: "7", when, tag, breakpoints: true }));
  await mkdir(path.join(folder, "meta"), { recursive: true });
  await writeFile(path.join(folder, "meta", "_journal.json"), JSON.stringify({ version: "7", entries }));
  for (const { tag, sql } of migrations) await writeFile(path.join(folder, `${tag}.sql`), sql);
}
