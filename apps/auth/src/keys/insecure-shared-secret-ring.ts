import { createInsecureMixedKeySet, importInsecureSharedSecret } from "@countersign/tokens";
import type { KeyRing } from "./key-ring.ts";

/** The shared secrets of auth, each of at least 32 bytes; one list of the two holds one. */
export type InsecureSecrets = {
  /** The first one signs, all are accepted; none while keys sign. */
  readonly signing: readonly Uint8Array[];
  /** Accepted only, while a deployment changes to these secrets or away from them. */
  readonly accepted: readonly Uint8Array[];
};

/**
 * INSECURE by design: a ring of secrets that every service holds, beside the keys of `ring`. Tokens of both are
 * accepted and the keys stay published, so that a deployment can change from one to the other. No key is made and none
 * turns over while a secret signs: a secret is changed by configuration, everywhere.
 *
 * @throws RangeError without a secret, or when one has fewer than 32 bytes
 */
export async function createInsecureSharedSecretRing(
  ring: KeyRing,
  { signing, accepted }: InsecureSecrets,
): Promise<KeyRing> {
  const mixed = createInsecureMixedKeySet([...signing, ...accepted], ring);
  const find: KeyRing["find"] = (kid, algorithm) => mixed.find(kid, algorithm);
  const [first] = signing;
  if (first === undefined) return { ...ring, find };
  const signer = await importInsecureSharedSecret(first);
  const { kid, algorithm } = signer;
  return {
    ...ring,
    find,
    signer: () => signer,
    signing: () => ({ current: { kid, algorithm }, next: null }),
    signsSince: () => null,
  };
}
