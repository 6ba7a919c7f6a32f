import { randomUUID } from "node:crypto";
import { z } from "zod";
import { type Compact, readCompact } from "./compact.ts";
import { TokenError } from "./errors.ts";
import { readHeader } from "./header.ts";
import { onlyAudience, readClaims, registeredClaims } from "./payload-schemas.ts";
import { keySetOf, type RegisteredKeys, registeredAlgorithms } from "./registered-keys.ts";
import { signCompact } from "./sign-compact.ts";
import { checkSignature, toLowS } from "./signature.ts";
import type { SigningKey } from "./signing-key.ts";
import { checkTimes } from "./times.ts";

/** The life of the assertions that we sign, in seconds. */
const assertionLife = 60;
/** The longest life that we accept of one; other libraries sign for up to five minutes. */
const maxAssertionLife = 300;

/**
 * Signs what a client proves itself with at the token endpoint (RFC 7523 §2.2, `private_key_jwt`): good for one use
 * within 60 seconds.
 *
 * @param options.audience the issuer's identifier or its token endpoint
 * @param options.now the clock, in milliseconds
 */
export async function signClientAssertion(options: {
  clientId: string;
  audience: string;
  key: SigningKey;
  now: () => number;
}): Promise<string> {
  const iat = Math.floor(options.now() / 1000);
  const { clientId, audience, key } = options;
  const payload = { iss: clientId, sub: clientId, aud: audience, jti: randomUUID(), iat, exp: iat + assertionLife };
  return await signCompact(payload, "client-authentication+jwt", key);
}

/** A client that has proved itself with one of its keys. Refuse an `assertionId` seen before until `expiresAt` (epoch seconds). */
export type VerifiedClient = { clientId: string; keyId: string; assertionId: string; expiresAt: number };

/**
 * Verifies a client assertion (RFC 7523 §3). It cannot know whether the assertion was used before: the caller keeps the
 * `assertionId` until `expiresAt` (which is within five minutes) and refuses it a second time.
 *
 * @param keysOf the keys registered for a client, none for a client that does not exist; what it throws goes through.
 * A key is imported once for as long as it gives the same array
 * @param policy.audience the names that the authorization server answers to; the assertion must have exactly one of them
 * @throws TokenError with the one code of the cause
 */
export async function verifyClientAssertion(
  assertion: string,
  keysOf: RegisteredKeys,
  policy: { audience: readonly string[]; now: () => number },
): Promise<VerifiedClient> {
  const compact = readCompact(assertion);
  const header = readHeader(withOurName(compact.header), { types, algorithms: registeredAlgorithms });
  const { iss, sub, aud, jti, iat, exp, nbf } = readClaims(assertionPayload, compact.payload);
  if (iss !== sub) throw new TokenError("bad_claims", { claim: "sub" });
  const audience = typeof aud === "string" ? aud : aud[0];
  if (!policy.audience.includes(audience)) throw new TokenError("wrong_audience");
  checkTimes({ issuedAt: iat, expiresAt: exp, notBefore: nbf }, { life: maxAssertionLife, now: policy.now });
  const registered = await keysOf(sub);
  const key = await keySetOf(registered).find(header.kid, header.algorithm);
  checkSignature(header.algorithm === "ES256" ? withLowS(compact) : compact, key, header.algorithm);
  return { clientId: sub, keyId: key.kid, assertionId: jti, expiresAt: exp };
}

/** Newer libraries give Ed25519 its own name (RFC 9864 §2.2); the algorithm is the same. */
function withOurName(header: Compact["header"]): Compact["header"] {
  return header.alg === "Ed25519" ? { ...header, alg: "EdDSA" } : header;
}

/** Of the two forms of an ECDSA signature other libraries write either. An assertion is used once by its id, whichever it is. */
function withLowS(compact: Compact): Compact {
  return { ...compact, signature: toLowS(compact.signature) };
}

/** Other libraries sign assertions as `JWT` or without a type; none of these is ever an access token's. */
const types = ["client-authentication+jwt", "JWT", undefined];

const assertionPayload = z.object({ ...registeredClaims, aud: onlyAudience });
