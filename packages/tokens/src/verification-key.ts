import { createPublicKey, type KeyObject, verify } from "node:crypto";
import type { Algorithm, PublicJwk } from "./jwk.ts";

/** A key that checks signatures, bound to its one algorithm. */
export type VerificationKey = {
  kid: string;
  algorithm: Algorithm;
  /** Whether `signature` is this key's over `data`. Synchronous: it costs less than handing the work to another thread. */
  verify(data: Uint8Array, signature: Uint8Array): boolean;
};

/** @throws Error when the numbers are no key of that kind: a point off the curve, an RSA modulus under 2048 bits */
export function importVerificationKey(jwk: PublicJwk): VerificationKey {
  const key = createPublicKey({ key: jwk, format: "jwk" });
  const bits = key.asymmetricKeyDetails?.modulusLength;
  if (jwk.kty === "RSA" && !(bits !== undefined && bits >= 2048)) throw new Error("The RSA modulus is too short.");
  return { kid: jwk.kid, algorithm: jwk.alg, verify: verifiers[jwk.alg](key) };
}

type Verify = VerificationKey["verify"];

const verifiers: Record<PublicJwk["alg"], (key: KeyObject) => Verify> = {
  RS256: (key) => (data, signature) => verify("sha256", data, key, signature),
  ES256: (key) => (data, signature) => verify("sha256", data, { key, dsaEncoding: "ieee-p1363" }, signature),
  EdDSA: (key) => (data, signature) => verify(null, data, key, signature),
};
