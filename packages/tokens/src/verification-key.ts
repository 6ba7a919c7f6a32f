import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { type Algorithm, type PublicJwk } from "./jwk.ts";

/** A key that checks signatures, bound to its one algorithm. */
export type VerificationKey = {
  kid: string;
  algorithm: Algorithm;
  /** Whether `signature` is this key's over `data`. Synchronous: it costs less than handing the work to another thread. */
  verify(data: Uint8Array, signature: Uint8Array): boolean;
};

/** @throws TypeError or Error when the numbers are no key of that kind, for example a point off the curve */
export function importVerificationKey(jwk: PublicJwk): VerificationKey {
  const key = createPublicKey({ key: jwk, format: "jwk" });
  return { kid: jwk.kid, algorithm: jwk.alg, verify: verifiers[jwk.alg](key) };
}

type Verify = VerificationKey["verify"];

const verifiers: Record<PublicJwk["alg"], (key: KeyObject) => Verify> = {
  RS256: (key) => (data, signature) => verify("sha256", data, key, signature),
  ES256: (key) => (data, signature) => verify("sha256", data, { key, dsaEncoding: "ieee-p1363" }, signature),
  EdDSA: (key) => (data, signature) => verify(null, data, key, signature),
};
