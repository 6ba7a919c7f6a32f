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

export type PrepareOptions = {
  /** Where service keys lie, and the secrets unless told. */
  readonly dataDir: string;
  /** The file of the secrets; made with a new secret when there is none. */
  readonly secretsFile?: string | undefined;
};

/** Migrates every schema, and gives every service its key and auth its secrets. Doing it again changes nothing. */
export async function prepare(database: OpenDatabase, { dataDir, secretsFile }: PrepareOptions): Promise<Prepared> {
  await database.migrate("auth", auth.migrationsFolder);
  for (const { name, migrationsFolder } of domainServices) await database.migrate(name, migrationsFolder);
  const directory = path.resolve(dataDir, "keys");
  const keyFiles = await auth.provisionServices({ db: database.db, directory, now: Date.now });
  const file = path.resolve(secretsFile ?? path.join(dataDir, "secrets.key"));
  return { keyFiles, secretsFile: file, secrets: await auth.openSecretsFile(file) };
}

/** Puts the demo users and the demo catalogue in, once. */
export async function seedDemo(opened: auth.Auth): Promise<void> {
  await auth.seedUsers(opened, demoUsers);
  for (const { seed } of domainServices) await seed?.(opened.database.db);
}
