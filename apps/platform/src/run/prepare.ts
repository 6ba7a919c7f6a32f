import path from "node:path";
import type { ClientName } from "@countersign/access";
import * as auth from "@countersign/auth/app";
import type { OpenDatabase } from "@countersign/database";
import { demoUsers } from "../demo-users.ts";
import { domainServices } from "../services.ts";

type Preparation = {
  readonly dataDir: string;
  /** Where the keys of services lie; in `keys` of `dataDir` by default. */
  readonly keysDir?: string | undefined;
  readonly secrets: readonly Uint8Array[];
};

/**
 * Migrates every schema and gives every service its key. Doing it again changes nothing.
 *
 * @returns the file of each service's private key
 */
export async function prepare(
  database: OpenDatabase,
  { dataDir, keysDir, secrets }: Preparation,
): Promise<ReadonlyMap<ClientName, string>> {
  await migrateAll(database);
  const directory = path.resolve(keysDir ?? path.join(dataDir, "keys"));
  return await auth.provisionServices({ db: database.db, directory, now: Date.now, secrets });
}

/** Migrates the schema of every service. */
export async function migrateAll(database: OpenDatabase): Promise<void> {
  await database.migrate("auth", auth.migrationsFolder);
  for (const { name, migrationsFolder } of domainServices) await database.migrate(name, migrationsFolder);
}

/**
 * Puts the demo users and the demo catalogue in, once. A database that has accounts and none of the demo is somebody's
 * own, perhaps one of production: nothing is put into it. A demo account that was deleted is not made again.
 *
 * @returns whether this is a database of the demo
 */
export async function seedDemo(opened: auth.Auth): Promise<boolean> {
  const { deps, database } = opened;
  const state = await auth.demoStateOf(deps.db);
  if (state === "others") {
    deps.log.warn({}, "There are accounts already, and none of the demo: no demo users and no demo data are put in.");
    return false;
  }
  if (state === "empty") await auth.seedUsers(opened, demoUsers);
  for (const { seed } of domainServices) await seed?.(database.db);
  return true;
}
