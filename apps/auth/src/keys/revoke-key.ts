import { Refusal } from "@countersign/context";
import type { Database } from "@countersign/database";
import { generateSigningKey } from "@countersign/tokens";
import { and, eq, isNull } from "drizzle-orm";
import { record } from "../audit/record.ts";
import type { KeyDeps } from "../deps.ts";
import { recordRevocation } from "../revocations/outbox.ts";
import { signingKeys } from "../schema.ts";
import { keyStateOf, planRotation } from "./lifecycle.ts";
import type { By } from "./rotate-keys.ts";
import { addKey, lockKeys, readKeys, type StoredKey } from "./store.ts";

/**
 * Drops a signing key at once, everywhere: what it signed no longer verifies. If it was the one that signs, the next one
 * takes over this moment, or a new one when none waits.
 *
 * @throws Refusal NOT_FOUND for a key that is not there or is no longer believed
 */
export async function revokeKey(deps: KeyDeps, kid: string, by: By): Promise<void> {
  const { db, keys, now, schedule, algorithm, sealing, relay } = deps;
  const spare = await generateSigningKey(algorithm);
  await db.transaction(async (tx) => {
    await lockKeys(tx);
    const at = now();
    const key = (await readKeys(tx)).find((candidate) => candidate.kid === kid);
    if (key === undefined || ["revoked", "expired"].includes(keyStateOf(key, at))) {
      throw new Refusal("NOT_FOUND", "There is no such key in use.");
    }
    await tx
      .update(signingKeys)
      .set({ revokedAt: new Date(at) })
      .where(eq(signingKeys.kid, kid));
    await handOver(tx, key, at);
    const plan = planRotation(await readKeys(tx), { now: at, schedule, algorithm });
    if (plan !== null && !deps.sharesSecret) await addKey(tx, { key: spare, plan }, { now: at, schedule, sealing });
    await recordRevocation(tx, { kind: "key", subject: kid, now: at });
    const entry = { action: "key.revoked", outcome: "allowed", actor: by.actor, subject: kid } as const;
    await record(tx, entry, { at, from: by.from });
  });
  await keys.reload();
  await relay.flush();
}

/** Closes the gap that a revoked key leaves: its successor starts now, or its predecessor goes on. */
async function handOver(tx: Database, revoked: StoredKey, at: number): Promise<void> {
  const state = keyStateOf({ ...revoked, revokedAt: null }, at);
  if (state === "current" && revoked.retiredAt !== null) {
    const successor = and(eq(signingKeys.activatesAt, revoked.retiredAt), isNull(signingKeys.revokedAt));
    await tx
      .update(signingKeys)
      .set({ activatesAt: new Date(at) })
      .where(successor);
  }
  if (state === "next") {
    const predecessor = and(eq(signingKeys.retiredAt, revoked.activatesAt), isNull(signingKeys.revokedAt));
    await tx.update(signingKeys).set({ retiredAt: null, expiresAt: null }).where(predecessor);
  }
}
