import { generateSigningKey } from "@countersign/tokens";
import { record } from "../audit/record.ts";
import type { KeyDeps } from "../deps.ts";
import type { Requester } from "../requester.ts";
import { correctActivation } from "./correct-activation.ts";
import { type PlannedRotation, type PlanOptions, planRotation } from "./lifecycle.ts";
import { addKey, type FreshKey, lockKeys, moveActivation, readKeys, type StoredKey } from "./store.ts";

/** Who rotates by hand; scheduled rotation has nobody. */
export type By = { readonly actor: string; readonly from: Requester | null };

/**
 * Adds the next signing key when one is due, or, with `by`, when no other waits already; none where a secret is shared.
 * Corrects the activation of a key that was made while the clock was wrong. Replicas that find it due at once add one
 * between them: the plan is made again once the keys are locked.
 *
 * @returns the id of the new key, or null when none was added
 */
export async function rotateKeys(deps: KeyDeps, by?: By): Promise<string | null> {
  const { db, keys, now, schedule, algorithm } = deps;
  if (deps.sharesSecret) return null;
  const plan = (stored: readonly StoredKey[]) => planRotation(stored, planOptions(deps, by));
  const stored = await readKeys(db);
  const isDue = plan(stored) !== null;
  if (!isDue && correctActivation(stored, { now: now(), schedule }) === null) return null;
  const spare = isDue ? await generateSigningKey(algorithm) : null;
  const added = await db.transaction(async (tx) => {
    await lockKeys(tx);
    await correct(tx, deps);
    const planned = plan(await readKeys(tx));
    return planned === null || spare === null ? null : await add(tx, deps, { key: spare, plan: planned, by });
  });
  await keys.reload();
  return added;
}

function planOptions({ now, schedule, algorithm, algorithmSince }: KeyDeps, by?: By): PlanOptions {
  return { now: now(), schedule, algorithm, algorithmSince, force: by !== undefined };
}

async function correct(tx: KeyDeps["db"], { now, schedule, log }: KeyDeps): Promise<void> {
  const correction = correctActivation(await readKeys(tx), { now: now(), schedule });
  if (correction === null) return;
  await moveActivation(tx, correction, schedule);
  const { key, activatesAt } = correction;
  const was = key.activatesAt.toISOString();
  const moments = { kid: key.kid, was, activatesAt: new Date(activatesAt).toISOString() };
  log.warn(moments, "The activation of a signing key was corrected: a clock was wrong when it was written down.");
}

type Added = { readonly key: FreshKey; readonly plan: PlannedRotation; readonly by: By | undefined };

async function add(tx: KeyDeps["db"], deps: KeyDeps, { key, plan, by }: Added): Promise<string> {
  const { now, schedule, sealing, log } = deps;
  const { kid } = key;
  const algorithm = key.publicJwk.alg;
  await addKey(tx, { key, plan }, { now: now(), schedule, sealing });
  const detail = { algorithm, activatesAt: new Date(plan.activatesAt).toISOString() };
  const entry = { action: "key.created", outcome: "allowed", actor: by?.actor ?? "system", subject: kid } as const;
  await record(tx, { ...entry, detail }, { at: now(), from: by?.from ?? null });
  log.info({ kid, ...detail, replaces: plan.retires }, "The next signing key is published; it signs from activatesAt.");
  return kid;
}
