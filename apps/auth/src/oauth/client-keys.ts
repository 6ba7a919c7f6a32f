import type { ClientName } from "@countersign/access";
import type { Database } from "@countersign/database";
import type { PublicJwk } from "@countersign/tokens";
import { keysOfService } from "../services/service-keys.ts";

type Held = Map<ClientName, readonly PublicJwk[]>;

const heldOn = new WeakMap<Database, Held>();

/**
 * The keys of a service as this process last read them, so that an assertion is looked at without the database. What is
 * held may be out of date: that a key still counts is decided by `settle`, and an unknown one is worth `readClientKeys`.
 */
export async function heldClientKeys(db: Database, service: ClientName): Promise<readonly PublicJwk[]> {
  return heldOn.get(db)?.get(service) ?? (await readClientKeys(db, service));
}

/** The keys of a service from the database; they are held from now on. */
export async function readClientKeys(db: Database, service: ClientName): Promise<readonly PublicJwk[]> {
  const keys = await keysOfService(db, service);
  const held: Held = heldOn.get(db) ?? new Map();
  heldOn.set(db, held.set(service, keys));
  return keys;
}
