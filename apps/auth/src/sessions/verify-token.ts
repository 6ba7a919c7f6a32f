import { isService, type ServiceName } from "@countersign/access";
import { Refusal } from "@countersign/context";
import { type AccessClaims, TokenError, verifyCompact } from "@countersign/tokens";
import { findActiveUser } from "../accounts/user.ts";
import type { AuthDeps } from "../deps.ts";
import { believed } from "../keys/believed.ts";
import { isRevoked } from "../revocations/is-revoked.ts";
import { isLive } from "./is-live.ts";
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
  const claims = await readClaims(deps, question.token, question.audience ?? audienceOf(question.token));
  if (claims === null || (await isRevoked(deps.db, claims))) return { valid: false };
  const { expiresAt } = claims;
  const name = claims.class === "delegated" ? claims.actor.subject : claims.subject;
  if (claims.class === "service")
    return isService(name) ? { valid: true, expiresAt, service: { name } } : { valid: false };
  const user = await findActiveUser(deps.db, claims.subject);
  if (user === null || !(await isLive(deps.db, claims.sessionId, deps.now()))) return { valid: false };
  if (claims.class === "user") return { valid: true, expiresAt, user };
  return isService(name) ? { valid: true, expiresAt, user, service: { name } } : { valid: false };
}

async function readClaims(deps: AuthDeps, token: string, audience: string): Promise<AccessClaims | null> {
  const { issuer, keys, now } = deps;
  const classes = ["user", "service", "delegated"] as const;
  try {
    return await verifyCompact(token, keys, { issuer, audience, algorithms: believed(deps), classes, now });
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    if (error.code !== "keys_unavailable") return null;
    throw new Refusal("SERVICE_UNAVAILABLE", undefined, { cause: error, reason: error.code, retryAfterSeconds: 1 });
  }
}

/** Which service an unverified token says it is for; believed only in so far as it must be one of ours. */
function audienceOf(token: string): string {
  try {
    const payload: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    const claim = typeof payload === "object" && payload !== null && "aud" in payload ? payload.aud : null;
    const names: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
    return names.find((name) => typeof name === "string" && isService(name))?.toString() ?? "";
  } catch {
    return ""; // not a token of ours: the verification that follows says so
  }
}
