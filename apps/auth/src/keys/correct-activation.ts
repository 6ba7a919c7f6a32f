import { type KeyMoments, type KeySchedule, keyStateOf, signingKeyAt } from "./lifecycle.ts";

/** A key is to start signing at another moment (milliseconds) than the one that was written down. */
export type Correction<Key> = { readonly key: Key; readonly activatesAt: number };

/**
 * The activation that a clock which was wrong has put in the wrong place, or null. A key that signs because no other
 * may is active from now on. A next key that waits for more than a day longer than the schedule allows is moved to its
 * proper time; a smaller deviation can be a clock that is wrong at this moment and is left alone, since a key must not
 * sign before verifiers can have it.
 */
export function correctActivation<Key extends KeyMoments>(
  keys: readonly Key[],
  { now, schedule }: { readonly now: number; readonly schedule: KeySchedule },
): Correction<Key> | null {
  const signing = signingKeyAt(keys, now);
  if (signing === undefined) return null;
  if (keyStateOf(signing, now) === "next") return { key: signing, activatesAt: now };
  const next = keys.find((key) => key.revokedAt === null && key.activatesAt.getTime() === signing.retiredAt?.getTime());
  if (next === undefined) return null;
  const latest = Math.max(now + schedule.publishedAhead, signing.activatesAt.getTime() + schedule.signsFor);
  return next.activatesAt.getTime() - latest > day ? { key: next, activatesAt: latest } : null;
}

const day = 24 * 3600 * 1000;
