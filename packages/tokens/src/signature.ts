import type { Compact } from "./compact.ts";
import { TokenError } from "./errors.ts";
import type { Algorithm } from "./jwk.ts";
import type { VerificationKey } from "./verification-key.ts";

/**
 * Checks the signature with the key found for it.
 *
 * @throws TokenError `wrong_algorithm` when the key is for another algorithm than the header names, `bad_signature`,
 * `twin_signature` when it is the second valid form of an ECDSA signature
 */
export function checkSignature(compact: Compact, key: VerificationKey, algorithm: Algorithm): void {
  if (key.algorithm !== algorithm) throw new TokenError("wrong_algorithm");
  if (algorithm === "ES256" && isHighS(compact.signature)) throw new TokenError("twin_signature");
  if (!key.verify(compact.signed, compact.signature)) throw new TokenError("bad_signature");
}

/**
 * Of the two ECDSA signatures (r, s) and (r, n - s) that any one of them yields, gives the one with the lower s, so that
 * a token has one string. The signature is r and s, 32 bytes each (RFC 7518 §3.4).
 */
export function toLowS(signature: Uint8Array): Uint8Array {
  if (!isHighS(signature)) return signature;
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).toString("hex")}`);
  const low = (order - s).toString(16).padStart(64, "0");
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(low, "hex")]);
}

/** The order of P-256 (SEC 2 §2.4.2). */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const halfOrder = Buffer.from((order >> 1n).toString(16).padStart(64, "0"), "hex");

function isHighS(signature: Uint8Array): boolean {
  return signature.length === 64 && Buffer.compare(signature.subarray(32), halfOrder) > 0;
}
