import {
  asymmetricAlgorithms,
  checkByKeys,
  createInsecureMixedKeySet,
  createRemoteKeySet,
  type TokenCheck,
  type VerifierDeps,
} from "@countersign/context";

export type AuthKeysOptions = {
  /** Where auth is reached. */
  readonly authOrigin: string;
  /** INSECURE by design: accept tokens that were signed with one of these beside those of auth's keys; null for none. */
  readonly insecureSharedSecrets: readonly Uint8Array[] | null;
};

/** How tokens are checked: with the keys that auth publishes, each for its own algorithm, and with shared secrets. */
export function checkByAuthKeys({ authOrigin, insecureSharedSecrets }: AuthKeysOptions): {
  readonly check: TokenCheck;
  readonly algorithms: VerifierDeps["algorithms"];
} {
  const url = `${authOrigin}/.well-known/jwks.json`;
  const keys = createRemoteKeySet({ url, fetch: globalThis.fetch, now: Date.now });
  if (insecureSharedSecrets === null) return { check: checkByKeys(keys), algorithms: asymmetricAlgorithms };
  const mixed = createInsecureMixedKeySet(insecureSharedSecrets, keys);
  const check = checkByKeys({
    find: (kid, algorithm) => mixed.find(kid, algorithm),
    revoke: (kid) => keys.revoke(kid),
  });
  return { check, algorithms: [...asymmetricAlgorithms, "HS256"] };
}
