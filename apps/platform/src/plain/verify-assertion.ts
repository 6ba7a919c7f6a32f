import { verify } from "node:crypto";
import { z } from "zod";
import type { GatewayKeys } from "./gateway-keys.ts";

/** Who is calling, by the gateway's word. */
export type Caller = { readonly userId: string; readonly roles: readonly string[] };

export type AssertionPolicy = {
  /** The public origin. */
  readonly issuer: string;
  /** The name below `/api/`. */
  readonly audience: string;
  readonly keys: GatewayKeys;
  /** Epoch milliseconds. */
  readonly now: () => number;
};

const headerSchema = z.strictObject({
  alg: z.literal("ES256"),
  kid: z.string(),
  typ: z.literal("gateway-assertion+jwt"),
});
const claimsSchema = z.object({
  iss: z.string(),
  aud: z.string(),
  sub: z.string(),
  roles: z.array(z.string()),
  iat: z.int(),
  exp: z.int(),
});
const life = 30;
const leeway = 5;

/**
 * Verifies the gateway's assertion with nothing of ours, as a service in any language would; the table of what has to be
 * held is in docs/guides/other-languages.md.
 *
 * @returns null for anything that is not good
 * @throws Error when the keys cannot be had
 */
export async function verifyAssertion(assertion: string, policy: AssertionPolicy): Promise<Caller | null> {
  if (assertion.length > 4_096 || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(assertion)) return null;
  const [head = "", body = "", signature = ""] = assertion.split(".");
  const header = headerSchema.safeParse(readPart(head));
  const claims = claimsSchema.safeParse(readPart(body));
  if (!header.success || !claims.success || !fits(claims.data, policy)) return null;
  const key = await policy.keys.find(header.data.kid);
  if (key === null) return null;
  const signer = { key, dsaEncoding: "ieee-p1363" } as const;
  if (!verify("sha256", Buffer.from(`${head}.${body}`), signer, Buffer.from(signature, "base64url"))) return null;
  return { userId: claims.data.sub, roles: claims.data.roles };
}

function fits({ iss, aud, iat, exp }: z.output<typeof claimsSchema>, policy: AssertionPolicy): boolean {
  const now = policy.now() / 1000;
  const inTime = iat <= now + leeway && now < exp + leeway && exp > iat && exp - iat <= life;
  return inTime && iss === policy.issuer && aud === policy.audience;
}

function readPart(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString());
  } catch {
    return null; // no JSON: no schema takes it
  }
}
