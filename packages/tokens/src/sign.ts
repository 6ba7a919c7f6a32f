import { readAccessPayload, toAccessPayload } from "./access-payload.ts";
import { type AccessClaims, tokenLife } from "./claims.ts";
import { signCompact } from "./sign-compact.ts";
import type { SigningKey } from "./signing-key.ts";
import { checkTimes } from "./times.ts";

/**
 * Signs an access token in the form of RFC 9068. The same checks as at verification run first, so that no token is
 * signed that its own verifier would refuse for its claims.
 *
 * @throws TokenError `bad_claims`, `actor_too_deep`, `lives_too_long`, `too_large`: the claims are at fault, no token leaves
 */
export async function signAccessToken(claims: AccessClaims, key: SigningKey): Promise<string> {
  const payload = toAccessPayload(claims);
  readAccessPayload(payload, [claims.class]);
  checkTimes(claims, { life: tokenLife[claims.class], now: () => claims.issuedAt * 1000 });
  return await signCompact(payload, "at+jwt", key);
}
