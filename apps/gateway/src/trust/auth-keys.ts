import {
  checkByKeys,
  createInsecureSharedSecretKeySet,
  createRemoteKeySet,
  type TokenCheck,
  type VerifierDeps,
} from "@countersign/context";

export type AuthKeysOptions = {
  /** Where auth is reached. */
  readonly authOrigin: string;
  readonly algorithm: "RS256" | "ES256" | "EdDSA";
  /** INSECURE by design: believe tokens that were signed with one of these instead of auth's keys; null for keys. */
  readonly insecureSharedSecrets: readonly Uint8Array[] | null;
};

/** How tokens are checked: with the keys that auth publishes, unless a secret is shared. */
export function checkByAuthKeys({ authOrigin, algorithm, insecureSharedSecrets }: AuthKeysOptions): {
  readonly check: TokenCheck;
  readonly algorithms: VerifierDeps["algorithms"];
} {
  if (insecureSharedSecrets !== null) {
    return { check: checkByKeys(createInsecureSharedSecretKeySet(insecureSharedSecrets)), algorithms: ["HS256"] };
  }
  const url = `${authOrigin}/.well-known/jwks.json`;
  const keys = createRemoteKeySet({ url, fetch: globalThis.fetch, now: Date.now });
  return { check: checkByKeys(keys), algorithms: [algorithm] };
}
