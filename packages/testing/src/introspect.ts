import type { ServiceName } from "@countersign/access";
import { TokenError, verifyCompact } from "@countersign/tokens";
import { readClaims } from "./read-claims.ts";
import type { TestIssuer } from "./test-issuer.ts";

/** What an authorization server answers to a service that asks about a token (RFC 7662 §2.2). */
export async function introspect(
  { issuer, keys }: TestIssuer,
  { service, token, now }: { readonly service: ServiceName; readonly token: string; readonly now: () => number },
): Promise<unknown> {
  const classes = ["user", "service", "delegated"] as const;
  try {
    await verifyCompact(token, keys, { issuer, audience: service, algorithms: ["ES256"], classes, now });
  } catch (error) {
    if (error instanceof TokenError) return { active: false };
    throw error;
  }
  return { active: true, ...readClaims(token) };
}
