import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { ClientName } from "@countersign/access";
import type { Database } from "@countersign/database";
import { and, asc, eq, isNull } from "drizzle-orm";
import { record } from "../audit/record.ts";
import { serviceClients, serviceSecrets } from "../schema.ts";
import type { ServiceChange } from "./service-keys.ts";

/** A secret as an operator sees it. */
export type ListedSecret = { readonly id: string; readonly createdAt: Date };

/**
 * Gives a service one more secret, and the service an entry when it is new: from now on it may prove itself by
 * `client_secret_basic` (RFC 6749 §2.3.1), which is off for a service without one. Those that it has stay good, so that
 * they turn over without a gap.
 *
 * @returns the secret, which is shown this once: only its hash is stored
 */
export async function addServiceSecret(
  db: Database,
  service: ClientName,
  { actor, at }: ServiceChange,
): Promise<{ readonly id: string; readonly secret: string }> {
  const id = randomBytes(6).toString("hex");
  const secret = `cs_${randomBytes(32).toString("base64url")}`; // 256 bits; the prefix is for scanners of leaked secrets
  const createdAt = new Date(at);
  await db.transaction(async (tx) => {
    await tx.insert(serviceClients).values({ name: service, createdAt }).onConflictDoNothing();
    await tx.insert(serviceSecrets).values({ id, service, hash: hashOf(secret).toString("base64url"), createdAt });
    const entry = { action: "service.secret_added", outcome: "allowed", actor, subject: service } as const;
    await record(tx, { ...entry, detail: { id } }, { at, from: null });
  });
  return { id, secret };
}

/** Ends a secret. Answers whether there was one to end; the tokens that it brought live on for up to five minutes. */
export async function removeServiceSecret(
  db: Database,
  { service, id }: { readonly service: ClientName; readonly id: string },
  { actor, at }: ServiceChange,
): Promise<boolean> {
  return await db.transaction(async (tx) => {
    const isGood = and(
      eq(serviceSecrets.id, id),
      eq(serviceSecrets.service, service),
      isNull(serviceSecrets.removedAt),
    );
    const removedAt = new Date(at);
    const [removed] = await tx.update(serviceSecrets).set({ removedAt }).where(isGood).returning();
    if (removed === undefined) return false;
    const entry = { action: "service.secret_removed", outcome: "allowed", actor, subject: service } as const;
    await record(tx, { ...entry, detail: { id } }, { at, from: null });
    return true;
  });
}

/** The secrets that count, the oldest first. */
export async function listServiceSecrets(db: Database, service: ClientName): Promise<readonly ListedSecret[]> {
  return await db
    .select({ id: serviceSecrets.id, createdAt: serviceSecrets.createdAt })
    .from(serviceSecrets)
    .where(and(eq(serviceSecrets.service, service), isNull(serviceSecrets.removedAt)))
    .orderBy(asc(serviceSecrets.createdAt), asc(serviceSecrets.id));
}

/** The id of the secret that was presented, or null. Each is compared whatever the others said, in constant time. */
export async function findServiceSecret(db: Database, service: ClientName, presented: string): Promise<string | null> {
  const hash = hashOf(presented);
  const rows = await db
    .select({ id: serviceSecrets.id, hash: serviceSecrets.hash })
    .from(serviceSecrets)
    .where(and(eq(serviceSecrets.service, service), isNull(serviceSecrets.removedAt)));
  let found: string | null = null;
  for (const row of rows) if (timingSafeEqual(Buffer.from(row.hash, "base64url"), hash)) found = row.id;
  return found;
}

function hashOf(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}
