import { TokenError } from "./errors.ts";
import { type PublicJwk } from "./jwk.ts";
import { type KeySource } from "./key-source.ts";
import { importVerificationKey, type VerificationKey } from "./verification-key.ts";

/**
 * The keys that this process itself publishes or trusts. `publicJwks` is asked at every look-up and must be cheap; the
 * imported keys are kept for as long as it gives the same list, so give a new array when the keys change.
 */
export function createLocalKeySet(publicJwks: () => readonly PublicJwk[]): KeySource {
  let list: readonly PublicJwk[] | undefined;
  let keys = new Map<string, VerificationKey>();
  return {
    find(kid, algorithm) {
      const current = publicJwks();
      if (current !== list) {
        keys = new Map(current.map((jwk) => [jwk.kid, importVerificationKey(jwk)]));
        list = current;
      }
      const key = keys.get(kid);
      if (key === undefined) throw new TokenError("unknown_key");
      if (key.algorithm !== algorithm) throw new TokenError("wrong_algorithm");
      return key;
    },
  };
}
