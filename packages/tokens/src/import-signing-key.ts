import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import { readCompact } from "./compact.ts";
import { type AsymmetricAlgorithm, privateJwk, publicJwk } from "./jwk.ts";
import { signCompact } from "./sign-compact.ts";
import { checkSignature, toLowS } from "./signature.ts";
import type { SigningKey } from "./signing-key.ts";
import { importVerificationKey } from "./verification-key.ts";

/**
 * Makes a stored private key able to sign. What it takes is checked, so it may come straight from storage; it also signs
 * once, for not every runtime notices a damaged key before its signatures fail elsewhere.
 *
 * @throws TypeError when it is not a private key of a kind that `generateSigningKey` makes; the message holds no key material
 */
export async function importSigningKey(jwk: unknown): Promise<SigningKey> {
  const read = privateJwk.safeParse(jwk);
  if (!read.success) {
    const member = String(read.error.issues[0]?.path[0] ?? "key");
    throw new TypeError(`Not a private signing key: ${member} is missing or malformed.`);
  }
  const { kid, alg } = read.data;
  try {
    const key: SigningKey = {
      kid,
      algorithm: alg,
      sign: signers[alg](createPrivateKey({ key: read.data, format: "jwk" })),
    };
    const probe = readCompact(await signCompact({}, "probe", key));
    checkSignature(probe, importVerificationKey(publicJwk.parse(read.data)), alg);
    return key;
  } catch (cause) {
    throw new TypeError("Not a private signing key: its public and private halves do not fit.", { cause });
  }
}

type Sign = SigningKey["sign"];

const signers: Record<AsymmetricAlgorithm, (key: KeyObject) => Sign> = {
  RS256: (key) => (data) => sign("sha256", data, key),
  ES256: (key) => (data) => toLowS(sign("sha256", data, { key, dsaEncoding: "ieee-p1363" })),
  EdDSA: (key) => (data) => sign(null, data, key),
};
