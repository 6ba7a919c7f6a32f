import { isService, type ServiceName } from "@countersign/access";
import type { AccessClaims } from "@countersign/tokens";
import { findActiveUser } from "../accounts/user.ts";
import type { AuthDeps } from "../deps.ts";
import { readAnyToken, readToken } from "../oauth/read-token.ts";
import { factsOf, tokenStands } from "../revocations/token-stands.ts";
import type { PublicUser } from "./issued.ts";

/** What a token is worth at this moment; `expiresAt` in epoch seconds. A delegated token has both user and service. */
export type Verified =
  | { valid: true; expiresAt: number; user?: PublicUser; service?: { name: ServiceName } }
  | { valid: false };

/**
 * Verifies any access token of ours against keys and database: also whether its session stands, its user is active and
 * nothing revoked it. Why a token is worth nothing is not said.
 *
 * @param question.audience the service that the token must be meant for; without it, any declared one
 * @throws Refusal SERVICE_UNAVAILABLE when it cannot be known
 */
export async function verifyToken(
  deps: AuthDeps,
  question: { readonly token: string; readonly audience?: ServiceName | undefined },
): Promise<Verified> {
  const claims = await readClaims(deps, question.token, question.audience);
  if (claims === null || !(await tokenStands(deps, factsOf(claims), deps.now()))) return { valid: false };
  const { expiresAt } = claims;
  const name = claims.class === "delegated" ? claims.actor.subject : claims.subject;
  if (claims.class === "service")
    return isService(name) ? { valid: true, expiresAt, service: { name } } : { valid: false };
  const user = await findActiveUser(deps.db, claims.subject);
  if (user === null) return { valid: false };
  if (claims.class === "user") return { valid: true, expiresAt, user };
  return isService(name) ? { valid: true, expiresAt, user, service: { name } } : { valid: false };
}

async function readClaims(
  deps: AuthDeps,
  token: string,
  audience: ServiceName | undefined,
): Promise<AccessClaims | null> {
  if (audience === undefined) return await readAnyToken(deps, token);
  const read = await readToken(deps, token, audience);
  return "claims" in read ? read.claims : null;
}
