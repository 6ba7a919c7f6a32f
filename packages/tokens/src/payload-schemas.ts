import { z } from "zod";
import { maxActorDepth } from "./claims.ts";
import { TokenError } from "./errors.ts";

/** The longest list of audiences, roles or permissions that a token of ours could need. */
const maxAudiences = 32;
const maxNames = 64;
/** The last second of the year 9999: a time in milliseconds lies beyond it. */
const lastSecond = 253_402_300_799;

/** An id or an issuer: printable ASCII, so that it is the same string in every log, header and database. */
export const identifier = z.string().regex(/^[\x21-\x7e]{1,255}$/);

/** A NumericDate (RFC 7519 §2), narrowed to whole seconds. */
export const seconds = z.int().positive().max(lastSecond);

/** The version of an account. */
export const version = z
  .int()
  .nonnegative()
  .max(2 ** 31 - 1);

export type WireActor = { sub: string; client_version?: number | undefined; act?: WireActor | undefined };

/** The names of roles or permissions. */
export const names = z.array(z.string().regex(/^[\x21-\x7e]{1,64}$/)).max(maxNames);
const actor: z.ZodType<WireActor> = z.lazy(() =>
  z.object({ sub: identifier, client_version: version.optional(), act: actor.optional() }),
);
const several = z.union([identifier, z.array(identifier).min(1).max(maxAudiences)]); // RFC 7519 §4.1.3: one may stand alone
/** A claim that has no place there. */
export const absent = z.undefined().optional();

/** One audience and no more: what is good in one place must not be good in another. */
export const onlyAudience = z.union([identifier, z.tuple([identifier])]);

/** What every JWT of ours says (RFC 7519 §4.1), but for its audience. */
export const registeredClaims = {
  iss: identifier,
  sub: identifier,
  jti: identifier,
  iat: seconds,
  exp: seconds,
  nbf: seconds.optional(),
};
const common = { ...registeredClaims, client_id: identifier };
/** RFC 6749 §3.3: names with one space between them. */
const scope = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/);
const session = {
  sid: identifier,
  auth_time: seconds,
  roles: names,
  user_version: version.optional(),
  scope: scope.optional(),
};
const noExchange = { permissions: absent, exchanged_from: absent, act: absent };
const noSession = { sid: absent, auth_time: absent, roles: absent, user_version: absent, scope: absent };

/** What each class has on the wire. A claim of another class is refused, one that no class knows is ignored (RFC 7519 §4). */
export const userPayload = z.object({ ...common, aud: several, ...session, ...noExchange });
export const servicePayload = z.object({
  ...common,
  aud: onlyAudience,
  client_version: version.optional(),
  ...noSession,
  ...noExchange,
});
/** No token has more before it than services; none says nothing, as those of an older release do. */
const exchanged = z.array(identifier).max(maxActorDepth).optional();
export const delegatedPayload = z.object({
  ...common,
  aud: onlyAudience,
  ...session,
  permissions: names,
  exchanged_from: exchanged,
  act: actor,
});

/** @throws TokenError `bad_claims` with the name of the first claim that is wrong */
export function readClaims<T>(schema: z.ZodType<T>, payload: Readonly<Record<string, unknown>>): T {
  const result = schema.safeParse(payload);
  if (result.success) return result.data;
  throw new TokenError("bad_claims", { claim: String(result.error.issues[0]?.path[0] ?? "payload") });
}
