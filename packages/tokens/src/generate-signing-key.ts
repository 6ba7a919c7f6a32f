import { calculateJwkThumbprint, exportJWK, generateKeyPair } from "jose";
import { type AsymmetricAlgorithm, type PrivateJwk, type PublicJwk, privateJwk, publicJwk } from "./jwk.ts";

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
