import { isPermission, isRole, permissionsOf, type Rights, rightsThrough, type ServiceName } from "@countersign/access";
import {
  type Actor,
  type DelegatedClaims,
  maxActorDepth,
  servicesOf,
  toIssuedAt,
  tokenLife,
  type UserClaims,
} from "@countersign/tokens";
import type { AuthDeps } from "../deps.ts";
import { heldClientVersion } from "./client-version.ts";
import type { ReadGrant } from "./grant.ts";
import { OAuthError } from "./oauth-error.ts";
import type { Form } from "./read-form.ts";
import { readTarget } from "./read-target.ts";
import { readToken } from "./read-token.ts";
import { scopeOf } from "./token-scope.ts";

/** RFC 8693 §2.1. */
export const tokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange";

/** RFC 8693 §3: the one type of token that is taken and given. */
const accessTokenType = "urn:ietf:params:oauth:token-type:access_token";

/** A token of a user's, straight or through services. */
type UserBearing = UserClaims | DelegatedClaims;

/**
 * Token exchange (RFC 8693), delegation: the caller gives a user's token that was sent to it, and gets one with which it
 * calls exactly one other service on that user's behalf. The rights are those that both have, the life is two minutes or
 * what is left of the subject token, and `act` names the caller and the callers before it. The authenticated client is
 * the actor, so there is no `actor_token`.
 *
 * @throws OAuthError invalid_target, also for a chain of too many services, and invalid_request (RFC 8693 §2.2.2) for a
 * subject token that is not good: one description for every cause
 */
export const readTokenExchange: ReadGrant = async (deps, { caller, form, at }) => {
  refuseUnsupported(form);
  const callee = readTarget(form, caller, deps.issuer);
  const subject = await readSubject(deps, form, caller);
  const claims = delegate(deps, subject, { caller, callee, at });
  const { tokenId, sessionId } = claims;
  const chain = servicesOf(claims).map(({ name }) => name);
  const detail = { audience: callee, jti: tokenId, from: subject.tokenId, sessionId, chain };
  return {
    claims,
    subject,
    entry: { action: "token.exchanged", outcome: "allowed", actor: caller, subject: subject.subject, detail },
    answer: { issued_token_type: accessTokenType },
  };
};

function refuseUnsupported(form: Form): void {
  if (form.get("actor_token") !== undefined || form.get("actor_token_type") !== undefined) {
    throw new OAuthError("invalid_request", "The authenticated client is the actor; actor_token is not taken.");
  }
  if ((form.get("requested_token_type") ?? accessTokenType) !== accessTokenType) {
    throw new OAuthError("invalid_request", "requested_token_type can be an access token only.");
  }
  if (form.get("subject_token_type") !== accessTokenType) {
    throw new OAuthError("invalid_request", "subject_token_type is that of an access token.");
  }
}

/** The subject token must be meant for the caller: nobody exchanges what was sent to somebody else. */
async function readSubject(deps: AuthDeps, form: Form, caller: ServiceName): Promise<UserBearing> {
  const token = form.get("subject_token");
  if (token === undefined) throw new OAuthError("invalid_request", "subject_token is missing.");
  const read = await readToken(deps, token, caller);
  if ("refused" in read) throw subjectRefused(read.refused, read.cause);
  if (read.claims.class === "service") throw subjectRefused("wrong_class"); // nobody stands behind it
  return read.claims;
}

/** The one answer to a subject token that is not good. */
export function subjectRefused(reason: string, cause?: unknown): OAuthError {
  return new OAuthError("invalid_request", "The subject token is not valid for this client.", { reason, cause });
}

type Call = { readonly caller: ServiceName; readonly callee: ServiceName; readonly at: number };

function delegate(
  { db, issuer, newId, tokenScope }: AuthDeps,
  subject: UserBearing,
  { caller, callee, at }: Call,
): DelegatedClaims {
  // The replica that issued the subject token may have a clock that is ahead of this one.
  const issuedAt = Math.max(toIssuedAt(at), subject.issuedAt);
  const expiresAt = Math.min(issuedAt + tokenLife.delegated, subject.expiresAt);
  if (expiresAt <= Math.max(issuedAt, Math.floor(at / 1000))) throw subjectRefused("expired"); // verified within the tolerance for clocks, but over
  const { roles, permissions } = rightsThrough(caller, rightsOf(subject));
  return {
    class: "delegated",
    issuer,
    subject: subject.subject,
    audience: [callee],
    tokenId: newId(),
    clientId: caller,
    issuedAt,
    expiresAt,
    sessionId: subject.sessionId,
    authenticatedAt: subject.authenticatedAt,
    roles,
    permissions,
    ...scopeOf(tokenScope, permissions),
    userVersion: subject.userVersion,
    exchangedFrom: [subject.tokenId, ...(subject.class === "user" ? [] : subject.exchangedFrom)],
    actor: actorOf(subject, { subject: caller, version: heldClientVersion(db, caller) }),
  };
}

/** What the user may do by the subject token: it says so itself, or its roles grant it. */
function rightsOf(subject: UserBearing): Rights {
  const roles = subject.roles.filter(isRole);
  const permissions = subject.class === "user" ? permissionsOf(roles) : subject.permissions.filter(isPermission);
  return { roles, permissions };
}

function actorOf(subject: UserBearing, caller: Actor): Actor {
  if (subject.class === "user") return caller;
  if (servicesOf(subject).length >= maxActorDepth) {
    // Nothing is wrong with the user's token: invalid_request would tell the caller so (RFC 8693 §2.2.2)
    throw new OAuthError("invalid_target", "The chain of services is too long.", { reason: "actor_too_deep" });
  }
  return { ...caller, actor: subject.actor };
}
