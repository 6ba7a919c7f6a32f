import { maxTokenLength } from "./compact.ts";
import { TokenError } from "./errors.ts";
import type { SigningKey } from "./signing-key.ts";

/**
 * Signs a payload as a compact JWS (RFC 7515 §7.1) whose header holds `alg`, `kid` and `typ`.
 *
 * @throws TokenError `too_large` when no verifier of ours would read it
 */
export async function signCompact(payload: object, type: string, key: SigningKey): Promise<string> {
  const header = { alg: key.algorithm, kid: key.kid, typ: type };
  const signed = `${encode(JSON.stringify(header))}.${encode(JSON.stringify(payload))}`;
  const token = `${signed}.${encode(key.sign(Buffer.from(signed)))}`;
  if (token.length > maxTokenLength) throw new TokenError("too_large");
  return token;
}

function encode(part: string | Uint8Array): string {
  return Buffer.from(part).toString("base64url");
}
