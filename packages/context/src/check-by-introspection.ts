import { readIntrospected, readUnsigned } from "@countersign/tokens";
import { readBearer } from "./bearer.ts";
import { Refusal } from "./errors.ts";
import type { TokenCheck } from "./token-check.ts";

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
    read: readBearer,
    tokenIn: (token) => token,
    async check(token, policy) {
      readUnsigned(token, policy);
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
