import { TokenError } from "./errors.ts";
import { type PublicJwk, publicJwk } from "./jwk.ts";
import type { KeySource } from "./key-source.ts";
import { importVerificationKey, type VerificationKey } from "./verification-key.ts";

/**
 * The keys that this process itself publishes or has registered. `publicJwks` is asked at every look-up and must be
 * cheap. A key is imported when it is first asked for and kept for as long as `publicJwks` gives the same array, so give
 * a new array when the keys change.
 *
 * Its `find` never waits, and never says `keys_unavailable`; a key that cannot be imported is `unknown_key` with the cause.
 */
export function createLocalKeySet(publicJwks: () => readonly PublicJwk[]): KeySource {
  let list: readonly PublicJwk[] = [];
  let imported = new Map<string, VerificationKey>();
  return {
    find(kid, algorithm) {
      const current = publicJwks();
      if (current !== list) {
        list = current;
        imported = new Map();
      }
      const key = imported.get(kid) ?? importFrom(list, kid);
      imported.set(kid, key);
      if (key.algorithm !== algorithm) throw new TokenError("wrong_algorithm");
      return key;
    },
  };
}

function importFrom(list: readonly PublicJwk[], kid: string): VerificationKey {
  const jwk = list.find((candidate) => candidate.kid === kid);
  if (jwk === undefined) throw new TokenError("unknown_key");
  try {
    return importVerificationKey(publicJwk.parse(jwk)); // parsed again: the list may come from a database
  } catch (cause) {
    throw new TokenError("unknown_key", { cause });
  }
}
