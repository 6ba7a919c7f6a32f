import type { ServiceName } from "@countersign/access";
import type { Database } from "@countersign/database";

const heldOn = new WeakMap<Database, Map<ServiceName, number>>();

/**
 * The version of a service's registration as this process last saw it, so that a token can be signed while the database
 * decides about the request. It may be out of date: `settle` answers with the one that counts.
 */
export function heldClientVersion(db: Database, service: ServiceName): number {
  return heldOn.get(db)?.get(service) ?? 0;
}

export function holdClientVersion(db: Database, service: ServiceName, version: number): void {
  const held = heldOn.get(db) ?? new Map<ServiceName, number>();
  heldOn.set(db, held.set(service, version));
}
