import { fromWireActor, refuseDeepActor, toWireActor } from "./actor.ts";
import type { AccessClaims, TokenClass } from "./claims.ts";
import { TokenError } from "./errors.ts";
import { delegatedPayload, readClaims, servicePayload, userPayload } from "./payload-schemas.ts";
import { toWireVersion } from "./version.ts";

/** A payload's claims, and its `nbf`, which only the check of the times needs. */
export type AccessPayload = { claims: AccessClaims; notBefore: number | undefined };

type Payload = Readonly<Record<string, unknown>>;

/**
 * Reads the payload of an access token, built field by field from the schema of its class: nothing that the schema does
 * not name, `__proto__` least of all, reaches the caller.
 *
 * @param classes the classes that are accepted
 * @throws TokenError `wrong_class`, `bad_claims` with the claim's name, `actor_too_deep`
 */
export function readAccessPayload(payload: Payload, classes: readonly TokenClass[]): AccessPayload {
  const tokenClass = classes.find((name) => name === payload.token_class);
  if (tokenClass === undefined) throw new TokenError("wrong_class");
  return readers[tokenClass](payload);
}

/**
 * The payload that `readAccessPayload` reads back into the same claims.
 *
 * @throws TokenError `actor_too_deep`
 */
export function toAccessPayload(claims: AccessClaims): Record<string, unknown> {
  const common = {
    iss: claims.issuer,
    sub: claims.subject,
    aud: toWireAudience(claims.audience),
    jti: claims.tokenId,
    client_id: claims.clientId,
    iat: claims.issuedAt,
    exp: claims.expiresAt,
    token_class: claims.class,
  };
  if (claims.class === "service") return { ...common, ...toWireVersion("client_version", claims.clientVersion) };
  const { sessionId: sid, authenticatedAt, roles, userVersion } = claims;
  const rights = { roles, ...toWireScope(claims.scope) };
  const session = { sid, auth_time: authenticatedAt, ...rights, ...toWireVersion("user_version", userVersion) };
  if (claims.class === "user") return { ...common, ...session };
  const { permissions, exchangedFrom } = claims;
  const origin = exchangedFrom.length === 0 ? {} : { exchanged_from: exchangedFrom };
  return { ...common, ...session, permissions, ...origin, act: toWireActor(claims.actor) };
}

const readers: { readonly [Class in TokenClass]: (payload: Payload) => AccessPayload } = {
  user: (payload) => {
    const wire = readClaims(userPayload, payload);
    return { claims: { class: "user", ...fromCommon(wire), ...fromSession(wire) }, notBefore: wire.nbf };
  },
  service: (payload) => {
    const wire = readClaims(servicePayload, payload);
    const claims = { class: "service", ...fromCommon(wire), clientVersion: wire.client_version ?? 0 } as const;
    return { claims, notBefore: wire.nbf };
  },
  delegated: (payload) => {
    refuseDeepActor(payload.act);
    const wire = readClaims(delegatedPayload, payload);
    const rights = { permissions: wire.permissions, actor: fromWireActor(wire.act) };
    const exchangedFrom = wire.exchanged_from ?? [];
    return {
      claims: { class: "delegated", ...fromCommon(wire), ...fromSession(wire), ...rights, exchangedFrom },
      notBefore: wire.nbf,
    };
  },
};

/** RFC 7519 §4.1.3: one audience stands alone. Many libraries take a string only, or compare the claim with one. */
function toWireAudience(audience: readonly string[]): string | readonly string[] {
  const [only, ...others] = audience;
  return only !== undefined && others.length === 0 ? only : audience;
}

/** Without a permission there is no scope: an empty one is none (RFC 6749 §3.3). */
function toWireScope(scope: readonly string[] = []): { scope?: string } {
  return scope.length === 0 ? {} : { scope: scope.join(" ") };
}

type WireCommon = {
  iss: string;
  sub: string;
  aud: string | readonly string[];
  jti: string;
  client_id: string;
  iat: number;
  exp: number;
};

function fromCommon(wire: WireCommon) {
  return {
    issuer: wire.iss,
    subject: wire.sub,
    audience: typeof wire.aud === "string" ? [wire.aud] : wire.aud,
    tokenId: wire.jti,
    clientId: wire.client_id,
    issuedAt: wire.iat,
    expiresAt: wire.exp,
  };
}

type WireSession = {
  iat: number;
  sid: string;
  auth_time: number;
  roles: readonly string[];
  user_version?: number | undefined;
  scope?: string | undefined;
};

function fromSession(wire: WireSession) {
  if (wire.auth_time > wire.iat) throw new TokenError("bad_claims", { claim: "auth_time" });
  const { sid: sessionId, auth_time: authenticatedAt, roles, user_version: userVersion = 0, scope } = wire;
  const scoped = scope === undefined ? {} : { scope: scope.split(" ") };
  return { sessionId, authenticatedAt, roles, userVersion, ...scoped };
}
