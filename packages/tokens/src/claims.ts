/** A class of access token. One never passes for another. */
export type TokenClass = "user" | "service" | "delegated";

/** How long a token of each class may live, in seconds; verifiers refuse what lives longer. */
export const tokenLife: Readonly<Record<TokenClass, number>> = { user: 600, service: 300, delegated: 120 };

/** The most services that may stand in one chain of actors. */
export const maxActorDepth = 4;

/** The claims of RFC 9068 §2.2 that every class carries. Times are whole seconds since the epoch. */
type CommonClaims = {
  issuer: string;
  subject: string;
  audience: readonly string[];
  tokenId: string;
  clientId: string;
  issuedAt: number;
  expiresAt: number;
};

/**
 * How often the rights of an account had been changed when the token was issued: a revocation names the first version that
 * it does not cover, so that no clock decides which tokens it ends. 0, which the wire leaves out, before the first change.
 */
export type Version = number;

/**
 * The names of permissions for verifiers of other vendors (RFC 9068 §2.2.3), where auth is told to write them. Services of
 * ours do not look at it.
 */
type Scoped = { scope?: readonly string[] };

/** A signed-in user. `subject` is the user's id, `audience` every service that faces users, or those that were asked for. */
export type UserClaims = CommonClaims &
  Scoped & {
    class: "user";
    sessionId: string;
    authenticatedAt: number;
    roles: readonly string[];
    userVersion: Version;
  };

/** A service acting for itself. `subject` is its name, `audience` exactly one service. */
export type ServiceClaims = CommonClaims & { class: "service"; clientVersion: Version };

/** A service acting for a user (RFC 8693). `subject` is the user's id, `audience` exactly one service. */
export type DelegatedClaims = CommonClaims &
  Scoped & {
    class: "delegated";
    sessionId: string;
    authenticatedAt: number;
    roles: readonly string[];
    permissions: readonly string[];
    userVersion: Version;
    /** The ids of the tokens that it was exchanged for, the nearest first: when one of them is revoked, it ends as well. */
    exchangedFrom: readonly string[];
    actor: Actor;
  };

/** RFC 8693 §4.1: the outermost actor is the current caller, the ones inside it are who called before. */
export type Actor = { subject: string; version: Version; actor?: Actor };

/** What an access token says, by class. */
export type AccessClaims = UserClaims | ServiceClaims | DelegatedClaims;
