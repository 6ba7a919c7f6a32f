import { z } from "zod";
import { type AccessClaims, type Actor, maxActorDepth, type TokenClass } from "./claims.ts";
import { TokenError } from "./errors.ts";

/**
 * Reads the payload of an access token into claims, built field by field from the schema of its class, so that a
 * member named `__proto__` or one of another class never reaches the caller. Claims that no class knows are ignored
 * (RFC 7519 §4).
 *
 * @throws TokenError `wrong_class` when the token's class is none of `classes`, `bad_claims` with the claim's name,
 * `actor_too_deep`
 */
export function readAccessPayload(payload: Readonly<Record<string, unknown>>, classes: readonly TokenClass[]): AccessClaims {
  const tokenClass = classes.find((name) => name === payload["token_class"]);
  if (tokenClass === undefined) throw new TokenError("wrong_class");
  return readers[tokenClass](payload);
}

/** The payload that `readAccessPayload` reads back into the same claims. */
export function toAccessPayload(claims: AccessClaims): Record<string, unknown> {
  const common = {
    iss: claims.issuer,
    sub: claims.subject,
    aud: claims.audience,
    jti: claims.tokenId,
    client_id: claims.clientId,
    iat: claims.issuedAt,
    exp: claims.expiresAt,
    token_class: claims.class,
  };
  if (claims.class === "service") return common;
  const session = { sid: claims.sessionId, auth_time: claims.authenticatedAt, roles: claims.roles };
  if (claims.class === "user") return { ...common, ...session };
  return { ...common, ...session, permissions: claims.permissions, act: toWireActor(claims.actor) };
}

type WireActor = { sub: string; act?: WireActor | undefined };
type Payload = Readonly<Record<string, unknown>>;

/** The last second of the year 9999: a time in milliseconds lies beyond it. */
const lastSecond = 253_402_300_799;
const seconds = z.int().positive().max(lastSecond);
const text = z.string().min(1).max(256);
const names = z.array(z.string().min(1).max(64)).max(64);
const audiences = z.array(text).min(1).max(32);
const absent = z.undefined().optional();

const common = {
  iss: text,
  sub: text,
  aud: z.union([text, audiences]), // RFC 7519 §4.1.3: a single audience may stand alone
  jti: text,
  client_id: text,
  iat: seconds,
  exp: seconds,
  nbf: seconds.optional(),
};
const session = { sid: text, auth_time: seconds, roles: names };

const userPayload = z.object({ ...common, ...session, permissions: absent, act: absent });
const servicePayload = z.object({
  ...common,
  sid: absent,
  auth_time: absent,
  roles: absent,
  permissions: absent,
  act: absent,
});
const wireActor: z.ZodType<WireActor> = z.lazy(() => z.object({ sub: text, act: wireActor.optional() }));
const delegatedPayload = z.object({ ...common, ...session, permissions: names, act: wireActor });

const readers: { readonly [Class in TokenClass]: (payload: Payload) => AccessClaims } = {
  user: (payload) => {
    const wire = parse(userPayload, payload);
    return { class: "user", ...readCommon(wire), ...readSession(wire) };
  },
  service: (payload) => ({ class: "service", ...readCommon(parse(servicePayload, payload), 1) }),
  delegated: (payload) => {
    refuseDeepActor(payload["act"]);
    const wire = parse(delegatedPayload, payload);
    const actor = fromWireActor(wire.act);
    return { class: "delegated", ...readCommon(wire, 1), ...readSession(wire), permissions: wire.permissions, actor };
  },
};

function parse<T>(schema: z.ZodType<T>, payload: Payload): T {
  const result = schema.safeParse(payload);
  if (result.success) return result.data;
  throw new TokenError("bad_claims", { claim: String(result.error.issues[0]?.path[0] ?? "payload") });
}

type WireCommon = { iss: string; sub: string; aud: string | string[]; jti: string; client_id: string; iat: number; exp: number };

function readCommon(wire: WireCommon, maxAudiences = 32) {
  const audience = typeof wire.aud === "string" ? [wire.aud] : wire.aud;
  if (audience.length > maxAudiences) throw new TokenError("bad_claims", { claim: "aud" });
  return {
    issuer: wire.iss,
    subject: wire.sub,
    audience,
    tokenId: wire.jti,
    clientId: wire.client_id,
    issuedAt: wire.iat,
    expiresAt: wire.exp,
  };
}

function readSession(wire: { sid: string; auth_time: number; roles: string[] }) {
  return { sessionId: wire.sid, authenticatedAt: wire.auth_time, roles: wire.roles };
}

function refuseDeepActor(act: unknown): void {
  let inner: unknown = act;
  for (let depth = 0; typeof inner === "object" && inner !== null; depth += 1) {
    if (depth === maxActorDepth) throw new TokenError("actor_too_deep");
    inner = "act" in inner ? inner.act : undefined;
  }
}

function fromWireActor(wire: WireActor): Actor {
  return wire.act === undefined ? { subject: wire.sub } : { subject: wire.sub, actor: fromWireActor(wire.act) };
}

function toWireActor(actor: Actor): WireActor {
  return actor.actor === undefined ? { sub: actor.subject } : { sub: actor.subject, act: toWireActor(actor.actor) };
}
