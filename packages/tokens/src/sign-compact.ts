import { CompactSign } from "jose";
import { maxTokenLength } from "./compact.ts";
import { TokenError } from "./errors.ts";
import { toLowS } from "./signature.ts";
import type { SigningKey } from "./signing-key.ts";

/**
 * Signs a payload as a compact JWS (RFC 7515 §7.1) whose header holds `alg`, `kid` and `typ`.
 *
 * @throws TokenError `too_large` when no verifier of ours would read it
 */
export async function signCompact(payload: object, type: string, key: SigningKey): Promise<string> {
  const signed = await new CompactSign(Buffer.from(JSON.stringify(payload)))
    .setProtectedHeader({ alg: key.algorithm, kid: key.kid, typ: type })
    .sign(key.privateKey);
  const token = key.algorithm === "ES256" ? withLowS(signed) : signed;
  if (token.length > maxTokenLength) throw new TokenError("too_large");
  return token;
}

function withLowS(token: string): string {
  const end = token.lastIndexOf(".") + 1;
  const signature = toLowS(Buffer.from(token.slice(end), "base64url"));
  return token.slice(0, end) + Buffer.from(signature).toString("base64url");
}
