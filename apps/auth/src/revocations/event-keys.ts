import { createPrivateKey, createPublicKey } from "node:crypto";
import {
  createLocalKeySet,
  importSigningKey,
  type KeySource,
  type PublicJwk,
  type SigningKey,
  toPublicJwk,
} from "@countersign/tokens";

/**
 * The keys that auth signs security events with. They are of no use for an access token, and neither is the other way
 * round: a revoked signing key is told of by a key that it has no part in.
 */
export type EventKeys = {
  readonly signer: SigningKey;
  /** For those who verify, in this process and by publication. */
  readonly keys: KeySource;
  readonly published: readonly PublicJwk[];
};

/** The fixed beginning of an Ed25519 private key in PKCS #8 (RFC 8410 §7), before its 32 bytes. */
const pkcs8 = Buffer.from("302e020100300506032b657004220420", "hex");

/**
 * Makes the keys from seeds that are derived from the configured secrets, so that every replica has the same ones.
 *
 * @param seeds 32 bytes each; the first one signs
 */
export async function createEventKeys(seeds: readonly [Uint8Array, ...Uint8Array[]]): Promise<EventKeys> {
  const [current, ...before] = seeds;
  const privateJwks = [current, ...before].map(toPrivateJwk);
  const published = privateJwks.map(toPublicJwk);
  return {
    signer: await importSigningKey(toPrivateJwk(current)),
    keys: createLocalKeySet(() => published),
    published,
  };
}

function toPrivateJwk(seed: Uint8Array) {
  const key = createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: "der", type: "pkcs8" });
  const { x = "" } = createPublicKey(key).export({ format: "jwk" });
  const kid = `events-${x.slice(0, 16)}`;
  const d = Buffer.from(seed).toString("base64url");
  return { kty: "OKP", crv: "Ed25519", x, d, kid, alg: "EdDSA", use: "sig" };
}
