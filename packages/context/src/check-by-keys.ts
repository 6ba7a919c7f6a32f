import { type KeySource, verifyCompact } from "@countersign/tokens";
import { readBearer } from "./bearer.ts";
import type { TokenCheck } from "./token-check.ts";

/** By the signature, with keys at hand: nobody is asked for a token, and it is remembered to its end. The rule. */
export function checkByKeys(keys: KeySource & { revoke?(kid: string): void }): TokenCheck {
  return {
    read: readBearer,
    tokenIn: (token) => token,
    async check(token, policy) {
      const claims = await verifyCompact(token, keys, policy);
      return { claims, until: claims.expiresAt * 1000 };
    },
    revokeKey: (kid) => keys.revoke?.(kid),
  };
}
