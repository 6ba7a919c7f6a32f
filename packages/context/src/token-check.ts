import type { AccessClaims, TokenPolicy } from "@countersign/tokens";

/** A token that was found good, and up to when that may be remembered, in epoch milliseconds. */
export type Checked = { readonly claims: AccessClaims; readonly until: number };

/** A way to find out whether a token is good. Whichever a service has, what comes after it is the same. */
export type TokenCheck = {
  /**
   * The credential of a request as one string, under the whole of which it is remembered; null for none.
   *
   * @throws Refusal UNAUTHORIZED for one that is malformed or there twice
   */
  read(headers: Headers): string | null;
  /** @throws TokenError for one that is not good, Refusal SERVICE_UNAVAILABLE when it cannot be known */
  check(credential: string, policy: TokenPolicy): Promise<Checked>;
  /** The access token in a credential that was found good, to be exchanged for calls on the user's behalf. */
  tokenIn(credential: string): string;
  /** Drops a signing key that may no longer be believed. */
  revokeKey(kid: string): void;
};
