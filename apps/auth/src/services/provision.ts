import { type ClientName, services as declared, serviceNames } from "@countersign/access";
import type { Database } from "@countersign/database";
import { generateSigningKey } from "@countersign/tokens";
import { auditedDatabase } from "../audit/audited-database.ts";
import { createJournal } from "../audit/journal.ts";
import { deriveSecrets } from "../secrets/derive-secrets.ts";
import { keyFileOf, readKeyId, writeKeyFile } from "./key-file.ts";
import { addServiceKey, hasServiceKey } from "./service-keys.ts";

export type ProvisionDeps = {
  readonly db: Database;
  /** Where the private keys lie, one file for each service. */
  readonly directory: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Every declared service that calls another, and the gateway, unless told. */
  readonly services?: readonly ClientName[];
  /** Those of auth, to sign what is written to the audit log; not needed where `db` signs it itself. */
  readonly secrets?: readonly Uint8Array[];
};

const callers: readonly ClientName[] = [...serviceNames.filter((name) => declared[name].calls.length > 0), "gateway"];

/**
 * Gives every service a key to prove itself with: one that is on disk and in the database stays, and where either half
 * is missing a new pair is made. Doing it again changes nothing.
 *
 * @returns the file of each service's private key
 */
export async function provisionServices(deps: ProvisionDeps): Promise<ReadonlyMap<ClientName, string>> {
  const { secrets } = deps;
  const db = secrets === undefined ? deps.db : auditedDatabase(deps.db, createJournal(deriveSecrets(secrets).audit));
  const files = new Map<ClientName, string>();
  for (const service of deps.services ?? callers) {
    const file = keyFileOf(deps.directory, service);
    const kid = await readKeyId(file);
    const isKnown = kid !== null && (await hasServiceKey(db, service, kid));
    if (!isKnown) await provisionService({ ...deps, db }, service);
    files.set(service, file);
  }
  return files;
}

/**
 * Makes a key pair for one service: the public half into the database first, so that the file never holds a key that
 * auth does not know, then the private half into the service's file. Answers the new key's id.
 */
export async function provisionService(
  { db, directory, now }: ProvisionDeps,
  service: ClientName,
  actor = "system",
): Promise<{ readonly kid: string; readonly file: string }> {
  const { kid, publicJwk, privateJwk } = await generateSigningKey("ES256"); // the cheapest pair of signature and check
  await addServiceKey(db, { service, publicJwk }, { actor, at: now() });
  const file = keyFileOf(directory, service);
  await writeKeyFile(file, privateJwk);
  return { kid, file };
}
