import type { ServiceName } from "@countersign/access";
import { tooMany } from "@countersign/service";
import type { AccessClaims } from "@countersign/tokens";
import { record } from "../audit/record.ts";
import type { AuthDeps } from "../deps.ts";
import type { Requester } from "../requester.ts";
import { isTokenRevoked, recordRevocation } from "../revocations/outbox.ts";
import { signOut } from "../sessions/sign-out.ts";
import { limitedService } from "./limited-service.ts";
import { OAuthError } from "./oauth-error.ts";
import type { OAuthRequest } from "./oauth-request.ts";
import { isProofTried, proveService } from "./prove-client.ts";
import { publicClient, requirePublicClient } from "./public-client.ts";
import { readAnyToken } from "./read-token.ts";
import { settle } from "./settle.ts";

/**
 * Revocation (RFC 7009): a refresh token ends its session and every token of it, an access token ends with what was
 * exchanged for it, at every service within a second. A client revokes what was issued to it: a service its own tokens and
 * those in which it acts for a user, and whoever holds a user's token that one. What is no token of ours, or over, needs no
 * revocation: that is a success, and `token_type_hint` is not looked at, since every kind of token is tried (§2.1, §2.2).
 *
 * @throws OAuthError invalid_client, invalid_request; invalid_grant for a token of another client
 * @throws Refusal TOO_MANY_REQUESTS for more access tokens of one user, or by one service, than its limit
 */
export async function revoke(deps: AuthDeps, request: OAuthRequest, from: Requester): Promise<null> {
  const service = await readService(deps, request, from);
  const token = request.form.get("token");
  if (token === undefined) throw new OAuthError("invalid_request", "token is missing.");
  const session = deps.refreshTokens.read(token);
  const claims = session === null ? await readAnyToken(deps, token) : null;
  const issuedTo = session === null ? claims?.clientId : publicClient;
  if (issuedTo !== undefined && issuedTo !== (service ?? publicClient)) throw issuedToAnother(service);
  if (session !== null) await signOut(deps, { sessionId: session.sessionId, reason: "logout", from });
  if (claims !== null) await countRevocation(deps, { service, userId: claims.subject }, from);
  if (claims !== null) await revokeToken(deps, { claims, actor: service ?? claims.subject }, from);
  return null;
}

/** The service that proves itself, or null for the public client. */
async function readService(deps: AuthDeps, request: OAuthRequest, from: Requester): Promise<ServiceName | null> {
  if (!isProofTried(request)) {
    requirePublicClient(request);
    return null;
  }
  const proof = await proveService(deps, request);
  await settle(deps, { proof }, { at: deps.now(), from });
  return proof.client;
}

/** RFC 6749 §5.2, invalid_grant: "… or was issued to another client". */
function issuedToAnother(service: ServiceName | null): OAuthError {
  const reason = "issued_to_another_client";
  const options = service === null ? { reason } : { reason, client: service };
  return new OAuthError("invalid_grant", "The token was issued to another client.", options);
}

/** Access tokens only: a sign-out is never refused. What is refused is counted in the audit log, by the minute. */
async function countRevocation(deps: AuthDeps, { service, userId }: Revoker, from: Requester): Promise<void> {
  const taken = await (service === null ? deps.limits.revocation(userId) : deps.limits.serviceRevocation(service));
  if (taken.allowed) return;
  if (service !== null) throw limitedService(deps, taken, { service, action: "token.revoked", from });
  const { requestId, address } = from;
  deps.denied({ procedure: "oauth/revoke", reason: "rate_limited", userId, service, requestId, address });
  throw tooMany(taken.quota);
}

type Revoker = { readonly service: ServiceName | null; readonly userId: string };

type Revoked = { readonly claims: AccessClaims; readonly actor: string };

async function revokeToken(deps: AuthDeps, { claims, actor }: Revoked, from: Requester): Promise<void> {
  await deps.db.transaction(async (tx) => {
    const at = deps.now();
    if (await isTokenRevoked(tx, claims.tokenId)) return; // said once is enough: who repeats it fills no feed
    const tokensUntil = claims.expiresAt * 1000;
    await recordRevocation(tx, { kind: "token", subject: claims.tokenId, now: at, tokensUntil });
    const detail = { class: claims.class, client: claims.clientId };
    const entry = { action: "token.revoked", outcome: "allowed", actor, subject: claims.tokenId } as const;
    await record(tx, { ...entry, detail }, { at, from });
  });
  await deps.relay.flush();
}
