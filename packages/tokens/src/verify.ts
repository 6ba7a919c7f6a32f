import { readAccessPayload } from "./access-payload.ts";
import { type AccessClaims, type TokenClass, tokenLife } from "./claims.ts";
import { readCompact } from "./compact.ts";
import { TokenError } from "./errors.ts";
import { readHeader } from "./header.ts";
import type { Algorithm } from "./jwk.ts";
import type { KeySource } from "./key-source.ts";
import { checkSignature } from "./signature.ts";
import { checkTimes } from "./times.ts";

/** Everything that a verifier demands of an access token. Nothing is taken from the token itself. */
export type TokenPolicy = {
  issuer: string;
  /** The verifier's own name; the token's audience must hold it. */
  audience: string;
  algorithms: readonly Algorithm[];
  classes: readonly TokenClass[];
  /** The clock, in milliseconds since the epoch. */
  now: () => number;
  /** How far the issuer's clock may be from ours; 5 unless told, 60 at most. */
  clockToleranceSeconds?: number;
};

/**
 * Verifies an access token (RFC 9068 §4, RFC 8725) and gives what it says. All that can be told without a key is checked
 * first, so that a hostile token costs little and asks nobody for keys.
 *
 * A token that passes has one string: whoever changes a character of it, anywhere, has a token that does not pass.
 *
 * @throws TokenError with the one code of the cause; `keys_unavailable` is the only one that is not the token's fault
 */
export async function verifyCompact(token: string, keys: KeySource, policy: TokenPolicy): Promise<AccessClaims> {
  const { compact, header, claims } = readToken(token, policy);
  checkSignature(compact, await keys.find(header.kid, header.algorithm), header.algorithm);
  return claims;
}

/**
 * Holds a token to everything but its signature, for a verifier that takes somebody else's word on it: one that cannot be
 * good is then not asked about. Gives which token it says it is, and nothing else: anyone could have written it.
 *
 * @throws TokenError as `verifyCompact` does
 */
export function readUnsigned(token: string, policy: TokenPolicy): { readonly tokenId: string } {
  const { tokenId } = readToken(token, policy).claims;
  return { tokenId };
}

/**
 * Reads what the authorization server says of an access token (RFC 7662 §2.2), held to the same policy as a token itself:
 * who may be asked is not who may be believed about everything.
 *
 * @param answer the JSON of the answer
 * @throws TokenError `not_active`, and for an answer that does not fit the policy as `verifyCompact` does
 */
export function readIntrospected(answer: unknown, policy: TokenPolicy): AccessClaims {
  if (typeof answer !== "object" || answer === null || !("active" in answer) || answer.active !== true) {
    throw new TokenError("not_active");
  }
  return checkClaims({ ...answer }, policy);
}

function readToken(token: string, policy: TokenPolicy) {
  const compact = readCompact(token);
  const header = readHeader(compact.header, { types: ["at+jwt"], algorithms: policy.algorithms });
  return { compact, header, claims: checkClaims(compact.payload, policy) };
}

function checkClaims(payload: Readonly<Record<string, unknown>>, policy: TokenPolicy): AccessClaims {
  const { claims, notBefore } = readAccessPayload(payload, policy.classes);
  if (claims.issuer !== policy.issuer) throw new TokenError("wrong_issuer");
  if (!claims.audience.includes(policy.audience)) throw new TokenError("wrong_audience");
  const { issuedAt, expiresAt } = claims;
  const limits = { life: tokenLife[claims.class], now: policy.now, tolerance: policy.clockToleranceSeconds };
  checkTimes({ issuedAt, expiresAt, notBefore }, limits);
  return claims;
}
