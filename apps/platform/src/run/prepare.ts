import path from "node:path";
import type { ServiceName } from "@countersign/access";
import * as auth from "@countersign/auth/app";
import type { OpenDatabase } from "@countersign/database";
import { demoUsers } from "../demo-users.ts";
import { domainServices } from "../services.ts";

/** What services find ready: their tables, their keys, and demo data if told. */
export type Prepared = {
  /** The file of each service's private key. */
  readonly keyFiles: ReadonlyMap<ServiceName, string>;
  /** The file of the secrets that seal signing keys and refresh tokens. */
  readonly secretsFile: string;
  readonly secrets: readonly Uint8Array[];
};

/** Migrates every schema, and gives every service its key and auth its secrets. Doing it again changes nothing. */
export async function prepare(database: OpenDatabase, dataDir: string): Promise<Prepared> {
  await database.migrate("auth", auth.migrationsFolder);
  for (const { name, migrationsFolder } of domainServices) await database.migrate(name, migrationsFolder);
  const directory = path.resolve(dataDir, "keys");
  const keyFiles = await auth.provisionServices({ db: database.db, directory, now: Date.now });
  const secretsFile = path.resolve(dataDir, "secrets.key");
  return { keyFiles, secretsFile, secrets: await auth.openSecretsFile(secretsFile) };
}

/** Puts the demo users and the demo catalogue in, once. */
export async function seedDemo(opened: auth.Auth): Promise<void> {
  await auth.seedUsers(opened, demoUsers);
  for (const { seed } of domainServices) await seed?.(opened.database.db);
}
