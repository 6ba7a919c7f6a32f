import type { ClientName } from "@countersign/access";
import type { Database } from "@countersign/database";
import type { PublicJwk } from "@countersign/tokens";
import { and, desc, eq, inArray, isNotNull, isNull, sql } from "drizzle-orm";
import { record } from "../audit/record.ts";
import { recordRevocation } from "../revocations/outbox.ts";
import { serviceClients, serviceKeys } from "../schema.ts";

/** Who changes the keys of a service, and when (milliseconds). */
export type ServiceChange = { readonly actor: string; readonly at: number };

/** The keys that a service may prove itself with now; none for one that is unknown or disabled. */
export async function keysOfService(db: Database, name: string): Promise<readonly PublicJwk[]> {
  const rows = await db
    .select({ publicJwk: serviceKeys.publicJwk })
    .from(serviceKeys)
    .innerJoin(serviceClients, eq(serviceClients.name, serviceKeys.service))
    .where(and(eq(serviceClients.name, name), isNull(serviceClients.disabledAt), isNull(serviceKeys.disabledAt)));
  return rows.map(({ publicJwk }) => publicJwk);
}

/** Whether a key is registered for a service and has not been ended, also while the service itself is disabled. */
export async function hasServiceKey(db: Database, service: ClientName, kid: string): Promise<boolean> {
  const isOurs = and(eq(serviceKeys.kid, kid), eq(serviceKeys.service, service), isNull(serviceKeys.disabledAt));
  return (await db.select({ kid: serviceKeys.kid }).from(serviceKeys).where(isOurs)).length > 0;
}

/** Registers a public key, and the service with it when it is new. The keys that it has already stay good. */
export async function addServiceKey(
  db: Database,
  { service, publicJwk }: { readonly service: ClientName; readonly publicJwk: PublicJwk },
  { actor, at }: ServiceChange,
): Promise<void> {
  const createdAt = new Date(at);
  await db.transaction(async (tx) => {
    await tx.insert(serviceClients).values({ name: service, createdAt }).onConflictDoNothing();
    await tx.insert(serviceKeys).values({ kid: publicJwk.kid, service, publicJwk, createdAt });
    const entry = { action: "service.key_added", outcome: "allowed", actor, subject: service } as const;
    await record(tx, { ...entry, detail: { kid: publicJwk.kid } }, { at, from: null });
  });
}

/**
 * Ends the older keys of a service, which is written down, and keeps the newest ones: two while a running process may still use the one before,
 * one when that must not be.
 */
export async function retireOldKeys(
  db: Database,
  service: ClientName,
  { keep, actor, at }: ServiceChange & { readonly keep: 1 | 2 },
): Promise<void> {
  await db.transaction(async (tx) => {
    const kids = await endOldKeys(tx, service, { keep, at });
    if (kids.length === 0) return;
    const entry = { action: "service.keys_retired", outcome: "allowed", actor, subject: service } as const;
    await record(tx, { ...entry, detail: { kids } }, { at, from: null });
  });
}

async function endOldKeys(
  tx: Database,
  service: ClientName,
  { keep, at }: { readonly keep: number; readonly at: number },
): Promise<readonly string[]> {
  const newestFirst = await tx
    .select({ kid: serviceKeys.kid })
    .from(serviceKeys)
    .where(and(eq(serviceKeys.service, service), isNull(serviceKeys.disabledAt)))
    .orderBy(desc(serviceKeys.createdAt));
  const old = newestFirst.slice(keep).map(({ kid }) => kid);
  if (old.length === 0) return [];
  await tx
    .update(serviceKeys)
    .set({ disabledAt: new Date(at) })
    .where(inArray(serviceKeys.kid, old));
  return old;
}

/**
 * Takes a service out: it gets no more tokens, and those that it has end. Answers whether there was one to disable.
 * Its keys stay disabled; `addServiceKey` does not bring it back, `enableService` does.
 */
export async function disableService(
  db: Database,
  service: ClientName,
  { actor, at }: ServiceChange,
): Promise<boolean> {
  return await db.transaction(async (tx) => {
    const standing = and(eq(serviceClients.name, service), isNull(serviceClients.disabledAt));
    const [disabled] = await tx
      .update(serviceClients)
      .set({ disabledAt: new Date(at), tokenVersion: sql`${serviceClients.tokenVersion} + 1` })
      .where(standing)
      .returning({ below: serviceClients.tokenVersion });
    if (disabled === undefined) return false;
    await recordRevocation(tx, { kind: "service", subject: service, below: disabled.below, now: at });
    await record(tx, { action: "service.disabled", outcome: "allowed", actor, subject: service }, { at, from: null });
    return true;
  });
}

/** Lets a service that was disabled ask for tokens again. Answers whether there was one to enable. */
export async function enableService(db: Database, service: ClientName, { actor, at }: ServiceChange): Promise<boolean> {
  return await db.transaction(async (tx) => {
    const isDisabled = and(eq(serviceClients.name, service), isNotNull(serviceClients.disabledAt));
    const [enabled] = await tx.update(serviceClients).set({ disabledAt: null }).where(isDisabled).returning();
    if (enabled === undefined) return false;
    await record(tx, { action: "service.enabled", outcome: "allowed", actor, subject: service }, { at, from: null });
    return true;
  });
}
