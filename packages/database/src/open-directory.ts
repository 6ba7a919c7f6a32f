import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import path from "node:path";
import { DatabaseDamagedError } from "./database-damaged-error.ts";
import { lockDirectory } from "./directory-lock.ts";
import type { Observe } from "./observe.ts";
import { createPglite, fromPglite } from "./open-pglite.ts";
import type { OpenDatabase } from "./types.ts";

/**
 * Opens the PGlite in `<directory>/data`, guarded by `<directory>/lock`, which PGlite itself does not do: two processes
 * on one data directory overwrite each other's rows without an error.
 */
export async function openDirectory(directory: string, observe?: Observe): Promise<OpenDatabase> {
  const lock = await lockDirectory(directory);
  try {
    const data = path.join(directory, "data");
    if (!existsSync(data)) await initialise(data);
    const client = await createPglite({ directory: data }).catch((cause: unknown) => {
      throw new DatabaseDamagedError(directory, { cause });
    });
    const database = fromPglite(client, observe);
    return { ...database, close: () => database.close().finally(lock.release) };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Under another name until it is whole: PGlite takes a directory that it was killed while filling for a database. */
async function initialise(data: string): Promise<void> {
  const draft = `${data}.draft`;
  await rm(draft, { recursive: true, force: true });
  const client = await createPglite({ directory: draft });
  await client.close();
  await rename(draft, data);
}
