import { type AsymmetricAlgorithm, tokenLife } from "@countersign/tokens";

/** The moments of a signing key; its state follows from them and the clock alone, so that replicas need not agree on it. */
export type KeyMoments = {
  readonly publishedAt: Date;
  readonly activatesAt: Date;
  readonly retiredAt: Date | null;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
};

/**
 * `next`: published, not signing yet. `current`: signs. `retired`: published, so that what it signed still verifies.
 * `expired` and `revoked`: neither published nor believed.
 */
export type KeyState = "next" | "current" | "retired" | "expired" | "revoked";

/** How long keys are what; milliseconds. */
export type KeySchedule = {
  /** How long a key signs. */
  readonly signsFor: number;
  /** How long it is published before its first signature: longer than any verifier keeps what it fetched. */
  readonly publishedAhead: number;
  /** How long it stays published after its last signature: twice the longest token. */
  readonly staysFor: number;
};

/** How long verifiers and caches may keep the published keys, in seconds. */
export const jwksMaxAge = 300;

const longestToken = Math.max(...Object.values(tokenLife)) * 1000;

export const keySchedule: KeySchedule = {
  signsFor: 30 * 24 * 3600 * 1000,
  publishedAhead: 2 * jwksMaxAge * 1000,
  staysFor: 2 * longestToken,
};

/** What a key is at this moment (milliseconds). */
export function keyStateOf(key: KeyMoments, now: number): KeyState {
  if (key.revokedAt !== null) return "revoked";
  if (key.activatesAt.getTime() > now) return "next";
  if (key.expiresAt !== null && key.expiresAt.getTime() <= now) return "expired";
  return key.retiredAt !== null && key.retiredAt.getTime() <= now ? "retired" : "current";
}

/**
 * The key that signs at this moment (milliseconds): the current one, or else the next one whose time comes first. A key
 * without another beside it signs whatever its `activatesAt` says, since a clock that was ahead when the key was made
 * would otherwise leave nobody to sign.
 */
export function signingKeyAt<Key extends KeyMoments>(keys: readonly Key[], now: number): Key | undefined {
  const inState = (state: KeyState) => keys.filter((key) => keyStateOf(key, now) === state);
  const [current] = inState("current");
  return current ?? inState("next").reduce<Key | undefined>(earlier, undefined);
}

function earlier<Key extends KeyMoments>(first: Key | undefined, key: Key): Key {
  return first === undefined || key.activatesAt < first.activatesAt ? key : first;
}

export type PlannedKey = KeyMoments & { readonly kid: string; readonly algorithm: AsymmetricAlgorithm };

export type PlanOptions = {
  readonly now: number;
  readonly schedule: KeySchedule;
  readonly algorithm: AsymmetricAlgorithm;
  /**
   * Since when `algorithm` is the configured one, in milliseconds: a key that was published later is kept though it is
   * for another algorithm. During a rolling restart the replicas disagree, and the one that started last decides.
   */
  readonly algorithmSince?: number;
  /** Rotate although nothing is due. */
  readonly force?: boolean;
};

/** A new key is wanted: when it starts to sign, and which key then stops. */
export type PlannedRotation = { readonly activatesAt: number; readonly retires: string | null };

/**
 * Whether a new key is due: before the one that signs is too old, and when that one is for another algorithm than the
 * configured one. Without any key that will go on signing, one starts at once: nobody can have cached the set
 * without it for long. Otherwise it is published ahead, and null is answered while such a one waits already.
 */
export function planRotation(keys: readonly PlannedKey[], options: PlanOptions): PlannedRotation | null {
  const { now, schedule, algorithm, algorithmSince = now, force = false } = options;
  const last = keys.find((key) => key.revokedAt === null && key.retiredAt === null);
  if (last === undefined) return { activatesAt: now, retires: null };
  if (keyStateOf(last, now) === "next") return null;
  const soonest = now + schedule.publishedAhead;
  const due = last.activatesAt.getTime() + schedule.signsFor;
  const isOtherAlgorithm = last.algorithm !== algorithm && last.publishedAt.getTime() <= algorithmSince;
  if (force || isOtherAlgorithm) return { activatesAt: soonest, retires: last.kid };
  return soonest < due ? null : { activatesAt: Math.max(soonest, due), retires: last.kid };
}
