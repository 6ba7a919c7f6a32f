import { generateSigningKey } from "@countersign/tokens";
import { record } from "../audit/record.ts";
import type { KeyDeps } from "../deps.ts";
import type { Requester } from "../requester.ts";
import { planRotation } from "./lifecycle.ts";
import { addKey, lockKeys, readKeys } from "./store.ts";

/** Who rotates by hand; scheduled rotation has nobody. */
export type By = { readonly actor: string; readonly from: Requester | null };

/**
 * Adds the next signing key when one is due, or, with `by`, when no other waits already; none where a secret is shared. Replicas that find it due at
 * once add one between them: the plan is made again once the keys are locked.
 *
 * @returns the id of the new key, or null when none was added
 */
export async function rotateKeys(deps: KeyDeps, by?: By): Promise<string | null> {
  const { db, keys, now, schedule, algorithm, sealing } = deps;
  if (deps.sharesSecret) return null;
  const plan = async (tx: KeyDeps["db"]) =>
    planRotation(await readKeys(tx), { now: now(), schedule, algorithm, force: by !== undefined });
  if ((await plan(db)) === null) return null;
  const key = await generateSigningKey(algorithm);
  const added = await db.transaction(async (tx) => {
    await lockKeys(tx);
    const planned = await plan(tx);
    if (planned === null) return null;
    await addKey(tx, { key, plan: planned }, { now: now(), schedule, sealing });
    const detail = { algorithm, activatesAt: new Date(planned.activatesAt).toISOString() };
    const entry = {
      action: "key.created",
      outcome: "allowed",
      actor: by?.actor ?? "system",
      subject: key.kid,
    } as const;
    await record(tx, { ...entry, detail }, { at: now(), from: by?.from ?? null });
    return key.kid;
  });
  await keys.reload();
  return added;
}
