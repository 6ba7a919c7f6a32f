import { createHash, randomBytes } from "node:crypto";
import { feedAudience } from "@countersign/context";
import type { Database } from "@countersign/database";
import { asc, eq } from "drizzle-orm";
import { record } from "../audit/record.ts";
import { ssfReceivers } from "../schema.ts";

/** A receiver with what its stream is, or would be. */
export type Receiver = typeof ssfReceivers.$inferSelect;

/** Who changes something, and when (milliseconds). */
type Change = { readonly actor: string; readonly at: number };

/** What a receiver can be called: a word of letters, digits and hyphens. */
export const receiverName = /^[a-z][a-z0-9-]{0,62}$/;

/** The `aud` of a receiver's events where nobody chose one. */
export function standardAudience(name: string): string {
  return `urn:countersign:receiver:${name}`;
}

/** Whether events for a receiver may have this audience: a short URI, and not that of our own services. */
export function isAudience(audience: string): boolean {
  return audience.length <= 256 && audience !== feedAudience && /^[a-z][a-z0-9+.-]*:[!-~]+$/i.test(audience);
}

/**
 * Registers a receiver, or gives the one of this name a new secret in place of the old one; its stream stays.
 *
 * @returns the secret, which is shown this once: only its hash is stored
 */
export async function addReceiver(
  db: Database,
  { name, audience }: { readonly name: string; readonly audience: string },
  { actor, at }: Change,
): Promise<string> {
  const secret = `csr_${randomBytes(32).toString("base64url")}`; // 256 bits; the prefix is for scanners of leaked secrets
  const hash = hashOf(secret);
  await db.transaction(async (tx) => {
    const values = { name, audience, hash, createdAt: new Date(at) };
    await tx
      .insert(ssfReceivers)
      .values(values)
      .onConflictDoUpdate({ target: ssfReceivers.name, set: { audience, hash } });
    const entry = { action: "receiver.added", outcome: "allowed", actor, subject: name } as const;
    await record(tx, { ...entry, detail: { audience } }, { at, from: null });
  });
  return secret;
}

/** Ends a receiver and its stream. Answers whether there was one. */
export async function removeReceiver(db: Database, name: string, { actor, at }: Change): Promise<boolean> {
  return await db.transaction(async (tx) => {
    const removed = await tx.delete(ssfReceivers).where(eq(ssfReceivers.name, name)).returning();
    if (removed.length === 0) return false;
    await record(tx, { action: "receiver.removed", outcome: "allowed", actor, subject: name }, { at, from: null });
    return true;
  });
}

/** Every receiver, by name. */
export async function listReceivers(db: Database): Promise<readonly Receiver[]> {
  return await db.select().from(ssfReceivers).orderBy(asc(ssfReceivers.name));
}

/** The receiver with this secret, or null. It is found by a hash, so that no comparison tells how much of it was right. */
export async function findReceiver(db: Database, secret: string): Promise<Receiver | null> {
  const [found] = await db
    .select()
    .from(ssfReceivers)
    .where(eq(ssfReceivers.hash, hashOf(secret)));
  return found ?? null;
}

/** The receiver of this name, or null. */
export async function readReceiver(db: Database, name: string): Promise<Receiver | null> {
  const [found] = await db.select().from(ssfReceivers).where(eq(ssfReceivers.name, name));
  return found ?? null;
}

/** What the header that a receiver chose is sealed to. */
export function labelOf(name: string): string {
  return `ssf receiver ${name}`;
}

function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}
