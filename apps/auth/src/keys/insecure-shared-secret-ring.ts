import { createInsecureSharedSecretKeySet, importInsecureSharedSecret } from "@countersign/tokens";
import type { KeyRing } from "./key-ring.ts";

/**
 * INSECURE by design: a ring of secrets that every service holds. The first signs, all verify, nothing is published,
 * and no key turns over: a secret is changed by configuration, everywhere.
 *
 * @throws RangeError without a secret, or when one has fewer than 32 bytes
 */
export async function createInsecureSharedSecretRing(secrets: readonly Uint8Array[]): Promise<KeyRing> {
  const [first] = secrets;
  if (first === undefined) throw new RangeError("At least one shared secret is needed.");
  const keys = createInsecureSharedSecretKeySet(secrets);
  const signer = await importInsecureSharedSecret(first);
  return {
    signer: () => signer,
    signsSince: () => null,
    published: () => [],
    find: (kid, algorithm) => keys.find(kid, algorithm),
    revoke: () => undefined,
    reload: async () => undefined,
  };
}
