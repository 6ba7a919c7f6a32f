import { TokenError } from "./errors.ts";
import { createInsecureSharedSecretKeySet } from "./insecure-shared-secret.ts";
import { KeySetError } from "./key-set-error.ts";
import type { KeySource } from "./key-source.ts";

/**
 * INSECURE by design, see `createInsecureSharedSecretKeySet`: shared secrets for HS256 beside published keys for every
 * other algorithm, so that a deployment can change from one to the other while the tokens of both are accepted. The
 * algorithm of the header selects the source and each source has keys of its own kind only: no HMAC is ever computed
 * with a public key.
 *
 * @param keys an issuer that signs with a shared secret publishes an empty set, which means `unknown_key` here
 * @throws RangeError without a secret, or when one is too short
 */
export function createInsecureMixedKeySet(secrets: readonly Uint8Array[], keys: KeySource): KeySource {
  const shared = createInsecureSharedSecretKeySet(secrets);
  return {
    find(kid, algorithm) {
      if (algorithm === "HS256") return shared.find(kid, algorithm);
      try {
        const found = keys.find(kid, algorithm);
        return found instanceof Promise ? found.catch(unknownIfEmpty) : found;
      } catch (error) {
        return unknownIfEmpty(error);
      }
    },
  };
}

function unknownIfEmpty(error: unknown): never {
  const cause = error instanceof TokenError && error.code === "keys_unavailable" ? error.cause : undefined;
  if (cause instanceof KeySetError && cause.failure === "empty") throw new TokenError("unknown_key", { cause });
  throw error;
}
