import type { Algorithm } from "./jwk.ts";
import type { VerificationKey } from "./verification-key.ts";

/** Where a verifier finds the key that a header names. */
export type KeySource = {
  /**
   * The key with this `kid`, if it is one for this algorithm. Answers without a promise when it can at once.
   *
   * @throws TokenError `unknown_key`, `revoked_key`, `wrong_algorithm` (the key is for another one) or `keys_unavailable`
   */
  find(kid: string, algorithm: Algorithm): VerificationKey | Promise<VerificationKey>;
};
