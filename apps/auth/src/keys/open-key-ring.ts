import type { Log } from "@countersign/context";
import { createInsecureSharedSecretRing, type InsecureSecrets } from "./insecure-shared-secret-ring.ts";
import { createKeyRing, type KeyRing, type KeyRingDeps } from "./key-ring.ts";
import type { KeySchedule } from "./lifecycle.ts";

export type OpenKeyRingDeps = Pick<KeyRingDeps, "db" | "sealing" | "now" | "monotonic"> & {
  readonly schedule: Pick<KeySchedule, "staysFor">;
  readonly insecure: InsecureSecrets;
  readonly log: Log;
};

/**
 * An empty ring of the keys in the database, which logs what operators should see of it; with shared secrets beside them
 * where there are any.
 *
 * @throws RangeError for a shared secret of fewer than 32 bytes
 */
export async function openKeyRing({ schedule, insecure, log, ...deps }: OpenKeyRingDeps): Promise<KeyRing> {
  const ring = createKeyRing({
    ...deps,
    staysFor: schedule.staysFor,
    onReloadFailed: (error) => log.warn({ err: error }, "The signing keys could not be read anew."),
    onSignerChanged: ({ kid, algorithm }, before) =>
      log.info({ kid, algorithm, before }, "Tokens are signed with another key from now on."),
  });
  if (insecure.signing.length + insecure.accepted.length === 0) return ring;
  const message =
    insecure.signing.length > 0
      ? "INSECURE: tokens are signed with a secret that every service shares."
      : "INSECURE: tokens that were signed with a shared secret are accepted.";
  log.warn({}, message);
  return await createInsecureSharedSecretRing(ring, insecure);
}
