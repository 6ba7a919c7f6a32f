import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { createSnapshot } from "@countersign/database";
import { type Migrations, migrateAll } from "./migrations.ts";

const directory = path.join(import.meta.dirname, "../../../../node_modules/.cache/countersign");
const unusedForMs = 3 * 24 * 60 * 60 * 1000;

/** A migrated, empty PGlite: from the cache, or made and put there. Two that make it at once put the same there. */
export async function migratedSnapshot(migrations: readonly Migrations[], hash: string): Promise<Blob> {
  const file = path.join(directory, `${hash}.tar`);
  const cached = await readFile(file).catch(() => null); // not there yet, or removed by another run just now
  if (cached !== null) {
    await utimes(file, new Date(), new Date()).catch(() => undefined); // only the age in the cache
    return new Blob([cached]);
  }
  const snapshot = await createSnapshot((database) => migrateAll(database, migrations));
  await mkdir(directory, { recursive: true });
  await removeUnused();
  // Renamed into place, so that a killed run leaves no half of a snapshot under the name.
  const temporary = `${file}.${randomUUID()}`;
  await writeFile(temporary, Buffer.from(await snapshot.arrayBuffer()));
  await rename(temporary, file);
  return snapshot;
}

async function removeUnused(): Promise<void> {
  for (const name of await readdir(directory)) {
    const file = path.join(directory, name);
    const found = await stat(file).catch(() => null); // removed by another run just now
    if (found !== null && Date.now() - found.mtimeMs > unusedForMs) await rm(file, { force: true });
  }
}
