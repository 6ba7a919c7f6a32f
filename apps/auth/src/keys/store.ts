import type { Database } from "@countersign/database";
import type { generateSigningKey } from "@countersign/tokens";
import { and, asc, eq, isNull, sql } from "drizzle-orm";
import { signingKeys } from "../schema.ts";
import type { SealingKey } from "../secrets/derive-secrets.ts";
import { isSealedWith, seal, unseal } from "../secrets/seal.ts";
import type { Correction } from "./correct-activation.ts";
import type { KeySchedule, PlannedRotation } from "./lifecycle.ts";

/** A signing key as it is stored. */
export type StoredKey = typeof signingKeys.$inferSelect;

/** A key pair that is not stored yet. Making one takes a while, so it is made before the keys are locked. */
export type FreshKey = Awaited<ReturnType<typeof generateSigningKey>>;

/** Every key, oldest first. */
export async function readKeys(db: Database): Promise<readonly StoredKey[]> {
  return await db.select().from(signingKeys).orderBy(asc(signingKeys.publishedAt), asc(signingKeys.kid));
}

/** Makes the other replicas wait with their changes until this transaction ends; reading goes on. */
export async function lockKeys(tx: Database): Promise<void> {
  await tx.execute(sql`lock table ${signingKeys} in share row exclusive mode`);
}

export type AddOptions = {
  readonly now: number;
  readonly schedule: KeySchedule;
  readonly sealing: SealingKey;
};

/** Stores a key by plan, and writes down when the one before it stops signing and leaves. */
export async function addKey(
  tx: Database,
  { key, plan }: { key: FreshKey; plan: PlannedRotation },
  { now, schedule, sealing }: AddOptions,
): Promise<void> {
  const activatesAt = new Date(plan.activatesAt);
  await tx.insert(signingKeys).values({
    kid: key.kid,
    algorithm: key.publicJwk.alg,
    publicJwk: key.publicJwk,
    sealedPrivateJwk: seal(JSON.stringify(key.privateJwk), key.kid, sealing),
    publishedAt: new Date(now),
    activatesAt,
  });
  if (plan.retires === null) return;
  await tx
    .update(signingKeys)
    .set({ retiredAt: activatesAt, expiresAt: new Date(plan.activatesAt + schedule.staysFor) })
    .where(eq(signingKeys.kid, plan.retires));
}

/** Moves the moment at which a key starts to sign, and with it the moments at which its predecessor stops and leaves. */
export async function moveActivation(
  tx: Database,
  { key, activatesAt }: Correction<StoredKey>,
  { staysFor }: Pick<KeySchedule, "staysFor">,
): Promise<void> {
  const at = new Date(activatesAt);
  const predecessor = and(eq(signingKeys.retiredAt, key.activatesAt), isNull(signingKeys.revokedAt));
  await tx
    .update(signingKeys)
    .set({ retiredAt: at, expiresAt: new Date(activatesAt + staysFor) })
    .where(predecessor);
  await tx.update(signingKeys).set({ activatesAt: at }).where(eq(signingKeys.kid, key.kid));
}

/** Seals every private key anew that an older secret sealed, so that the older one can be taken away. */
export async function resealKeys(db: Database, sealing: readonly SealingKey[]): Promise<number> {
  const [current] = sealing;
  if (current === undefined) throw new RangeError("At least one secret is needed.");
  const stale = (await readKeys(db)).filter(({ sealedPrivateJwk }) => !isSealedWith(sealedPrivateJwk, current));
  for (const { kid, sealedPrivateJwk } of stale) {
    const anew = seal(unseal(sealedPrivateJwk, kid, sealing), kid, current);
    await db.update(signingKeys).set({ sealedPrivateJwk: anew }).where(eq(signingKeys.kid, kid));
  }
  return stale.length;
}
