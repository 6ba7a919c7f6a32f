import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { type OpenDatabase, snapshotVersion } from "@countersign/database";

/** One schema and the folder of its migrations. */
export type Migrations = { readonly name: string; readonly folder: string };

/** Changes with everything that a migrated, empty database depends on: names, files and the version of PGlite. */
export async function hashMigrations(migrations: readonly Migrations[]): Promise<string> {
  const hash = createHash("sha256").update(snapshotVersion());
  for (const { name, folder } of migrations) {
    hash.update(`\0${name}`);
    const files = (await readdir(folder)).filter((file) => file.endsWith(".sql")).toSorted();
    for (const file of [path.join("meta", "_journal.json"), ...files]) {
      hash.update(`\0${file}\0`).update(await readFile(path.join(folder, file)));
    }
  }
  return hash.digest("hex").slice(0, 16);
}

/** Applies them in order. */
export async function migrateAll(database: OpenDatabase, migrations: readonly Migrations[]): Promise<void> {
  for (const { name, folder } of migrations) await database.migrate(name, folder);
}
