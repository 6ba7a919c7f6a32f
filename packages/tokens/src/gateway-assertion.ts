import { randomUUID } from "node:crypto";
import { z } from "zod";
import { readCompact } from "./compact.ts";
import { TokenError } from "./errors.ts";
import { readHeader } from "./header.ts";
import { toIssuedAt } from "./issued-at.ts";
import type { AsymmetricAlgorithm } from "./jwk.ts";
import type { KeySource } from "./key-source.ts";
import {
  absent,
  identifier,
  names,
  onlyAudience,
  readClaims,
  registeredClaims,
  seconds,
  version,
} from "./payload-schemas.ts";
import { signCompact } from "./sign-compact.ts";
import { checkSignature } from "./signature.ts";
import type { SigningKey } from "./signing-key.ts";
import { checkTimes } from "./times.ts";
import { toWireVersion } from "./version.ts";

/** How long an assertion of the gateway is good, in seconds; verifiers refuse what lives longer. */
export const gatewayAssertionLife = 30;

/** The user whose access token the gateway has verified; the fields are named as those of `UserClaims` are. */
export type AssertedUser = {
  subject: string;
  sessionId: string;
  authenticatedAt: number;
  roles: readonly string[];
  userVersion: number;
  /** Of the access token, so that a revocation of it is felt: its `jti`, `iat` and `exp`. */
  tokenId: string;
  issuedAt: number;
  expiresAt: number;
};

/** What a verified assertion says. It is no access token: the class tells them apart where both are held. */
export type GatewayClaims = AssertedUser & {
  class: "gateway";
  issuer: string;
  audience: readonly [string];
  /** The assertion itself: its `jti`, and when it ends, in epoch seconds. Do not remember it for longer. */
  assertion: { id: string; expiresAt: number };
};

/**
 * Signs the gateway's word, to one upstream, on who is calling: a JWT of a type and a key of its own, good for 30
 * seconds and never for longer than the access token that it stands for.
 *
 * @param options.issuer the gateway's name, its public origin
 * @param options.audience the one upstream that may believe it
 * @param options.now the clock, in milliseconds
 * @throws TokenError `bad_claims` with the claim, `too_large`: the user is at fault, no assertion leaves
 */
export async function signGatewayAssertion(options: {
  issuer: string;
  audience: string;
  user: AssertedUser;
  key: SigningKey;
  now: () => number;
}): Promise<string> {
  const { issuer, audience, user, key } = options;
  const iat = toIssuedAt(options.now());
  const payload = {
    iss: issuer,
    sub: user.subject,
    aud: audience,
    jti: randomUUID(),
    iat,
    exp: Math.min(iat + gatewayAssertionLife, user.expiresAt),
    sid: user.sessionId,
    auth_time: user.authenticatedAt,
    roles: user.roles,
    ...toWireVersion("user_version", user.userVersion),
    token_jti: user.tokenId,
    token_iat: user.issuedAt,
    token_exp: user.expiresAt,
  };
  readClaims(gatewayPayload, payload);
  return await signCompact(payload, gatewayAssertionType, key);
}

/**
 * Verifies the gateway's word: its type, its issuer, exactly this audience, its times, its signature. What comes out
 * has the fields of a user's access token; the times and the id among them are the access token's, so that revocations
 * are applied to it as to the token itself.
 *
 * @param keys the keys that the gateway publishes, and no others
 * @throws TokenError with the one code of the cause; `keys_unavailable` is the only one that is not the assertion's fault
 */
export async function verifyGatewayAssertion(
  assertion: string,
  keys: KeySource,
  policy: { issuer: string; audience: string; algorithms: readonly AsymmetricAlgorithm[]; now: () => number },
): Promise<GatewayClaims> {
  const compact = readCompact(assertion);
  const header = readHeader(compact.header, { types: [gatewayAssertionType], algorithms: policy.algorithms });
  const wire = readClaims(gatewayPayload, compact.payload);
  const audience = typeof wire.aud === "string" ? wire.aud : wire.aud[0];
  if (wire.iss !== policy.issuer) throw new TokenError("wrong_issuer");
  if (audience !== policy.audience) throw new TokenError("wrong_audience");
  if (wire.exp > wire.token_exp) throw new TokenError("bad_claims", { claim: "token_exp" });
  if (wire.auth_time > wire.token_iat) throw new TokenError("bad_claims", { claim: "auth_time" });
  const times = { issuedAt: wire.iat, expiresAt: wire.exp, notBefore: wire.nbf };
  checkTimes(times, { life: gatewayAssertionLife, now: policy.now });
  checkSignature(compact, await keys.find(header.kid, header.algorithm), header.algorithm);
  return {
    class: "gateway",
    issuer: wire.iss,
    audience: [audience],
    subject: wire.sub,
    sessionId: wire.sid,
    authenticatedAt: wire.auth_time,
    roles: wire.roles,
    userVersion: wire.user_version ?? 0,
    tokenId: wire.token_jti,
    issuedAt: wire.token_iat,
    expiresAt: wire.token_exp,
    assertion: { id: wire.jti, expiresAt: wire.exp },
  };
}

/** Explicit typing (RFC 8725 §3.11): neither an access token nor a client's assertion has this type. */
const gatewayAssertionType = "gateway-assertion+jwt";

const gatewayPayload = z.object({
  ...registeredClaims,
  aud: onlyAudience,
  sid: identifier,
  auth_time: seconds,
  roles: names,
  user_version: version.optional(),
  token_jti: identifier,
  token_iat: seconds,
  token_exp: seconds,
  token_class: absent, // a claim of access tokens: whoever mixes the two is refused
});
