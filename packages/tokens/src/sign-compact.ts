import { CompactSign } from "jose";
import { type SigningKey } from "./signing-key.ts";
import { toLowS } from "./signature.ts";

/** Signs a payload as a compact JWS whose header holds `alg`, `kid` and `typ`. */
export async function signCompact(payload: object, type: string, key: SigningKey): Promise<string> {
  const token = await new CompactSign(Buffer.from(JSON.stringify(payload)))
    .setProtectedHeader({ alg: key.algorithm, kid: key.kid, typ: type })
    .sign(key.privateKey);
  if (key.algorithm !== "ES256") return token;
  const end = token.lastIndexOf(".") + 1;
  const signature = toLowS(Buffer.from(token.slice(end), "base64url"));
  return token.slice(0, end) + Buffer.from(signature).toString("base64url");
}
