import {
  type AccessClaims,
  type KeySource,
  readIntrospected,
  refuseWithoutKey,
  type TokenPolicy,
  verifyCompact,
} from "@countersign/tokens";
import { Refusal } from "./errors.ts";

/** A token that was found good, and up to when that may be remembered, in epoch milliseconds. */
export type Checked = { readonly claims: AccessClaims; readonly until: number };

/** A way to find out whether a token is good. Whichever a service has, what comes after it is the same. */
export type TokenCheck = {
  /** @throws TokenError for a token that is not, Refusal SERVICE_UNAVAILABLE when it cannot be known */
  check(token: string, policy: TokenPolicy): Promise<Checked>;
  /** Drops a signing key that may no longer be believed. */
  revokeKey(kid: string): void;
};

/** By the signature, with keys at hand: nobody is asked for a token, and it is remembered to its end. The rule. */
export function checkByKeys(keys: KeySource & { revoke?(kid: string): void }): TokenCheck {
  return {
    async check(token, policy) {
      const claims = await verifyCompact(token, keys, policy);
      return { claims, until: claims.expiresAt * 1000 };
    },
    revokeKey: (kid) => keys.revoke?.(kid),
  };
}

/** How to ask auth, and for how long its answer is good. */
export type AskingDeps = {
  /** Asks about one token (RFC 7662 §2.1) and gives the JSON of the answer; rejects when there was none. */
  readonly ask: (token: string) => Promise<unknown>;
  /** How long an answer is remembered, in seconds; with 0 every request asks. */
  readonly rememberSeconds: number;
};

/**
 * By asking auth, for a service that must not decide by itself: the answer knows of every revocation. What cannot be good
 * whatever auth says is refused before it is asked, so that garbage costs nobody a request.
 */
export function checkByIntrospection({ ask, rememberSeconds }: AskingDeps): TokenCheck {
  return {
    async check(token, policy) {
      refuseWithoutKey(token, policy);
      const answer = await ask(token).catch((cause: unknown) => {
        throw new Refusal("SERVICE_UNAVAILABLE", "Tokens cannot be checked right now; try again.", {
          cause,
          reason: "introspection_unavailable",
          retryAfterSeconds: 1,
        });
      });
      const claims = readIntrospected(answer, policy);
      return { claims, until: Math.min(claims.expiresAt * 1000, policy.now() + rememberSeconds * 1000) };
    },
    revokeKey: () => undefined, // it has no keys: auth no longer believes the key either
  };
}
