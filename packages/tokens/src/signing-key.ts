import type { webcrypto } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from "jose";
import {
  type Algorithm,
  type AsymmetricAlgorithm,
  type PrivateJwk,
  type PublicJwk,
  privateJwk,
  publicJwk,
} from "./jwk.ts";

/** A key that signs. The private half cannot be taken out of it again. */
export type SigningKey = { kid: string; algorithm: Algorithm; privateKey: webcrypto.CryptoKey };

/**
 * Makes a new key pair. Its `kid` is the RFC 7638 thumbprint, so a name never comes to mean another key. RSA keys have
 * 2048 bits. `privateJwk` is for encrypted storage and `importSigningKey`, `publicJwk` for the JWKS.
 */
export async function generateSigningKey(
  algorithm: AsymmetricAlgorithm,
): Promise<{ kid: string; privateJwk: PrivateJwk; publicJwk: PublicJwk }> {
  const pair = await generateKeyPair(algorithm, { extractable: true, modulusLength: 2048 });
  const exported = await exportJWK(pair.privateKey);
  const kid = await calculateJwkThumbprint(exported);
  const jwk = { ...exported, kid, alg: algorithm, use: "sig" };
  return { kid, privateJwk: privateJwk.parse(jwk), publicJwk: publicJwk.parse(jwk) };
}

/**
 * Makes a stored private key able to sign; what it takes is checked, so it may come straight from storage.
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
  const privateKey = await crypto.subtle.importKey("jwk", read.data, importParameters[alg], false, ["sign"]);
  return { kid, algorithm: alg, privateKey };
}

const importParameters: Record<AsymmetricAlgorithm, { name: string; hash?: string; namedCurve?: string }> = {
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  ES256: { name: "ECDSA", namedCurve: "P-256" },
  EdDSA: { name: "Ed25519" },
};
