import {
  isPermission,
  isRole,
  isService,
  permissionsOf,
  type Rights,
  type Role,
  rightsThrough,
  type ServiceName,
  serviceNames,
  userFacingServices,
} from "@countersign/access";
import {
  type AccessClaims,
  type Actor,
  createLocalKeySet,
  type DelegatedClaims,
  generateSigningKey,
  importSigningKey,
  type KeySource,
  type PublicJwk,
  signAccessToken,
  TokenError,
  tokenLife,
  type UserClaims,
  verifyCompact,
} from "@countersign/tokens";
import { createTestFeed, type TestFeed } from "./test-feed.ts";

export type UserTokenOptions = {
  readonly id?: string;
  readonly roles?: readonly Role[];
  readonly sessionId?: string;
  /** The version of the account; 0 by default. */
  readonly userVersion?: number;
} & TokenOptions;

/** Of whom a delegated token speaks, and through whom. */
export type DelegatedTokenOptions = UserTokenOptions & {
  /** The services behind the caller, nearest first; none unless told. */
  readonly through?: readonly ServiceName[];
  /** The ids of the tokens that it was exchanged for, nearest first; none unless told. */
  readonly exchangedFrom?: readonly string[];
  /** To make a wrong one: auth gives what user and caller have in common. */
  readonly rights?: { readonly roles: readonly Role[]; readonly permissions: readonly string[] };
};

/** What every kind of token can be given to make it a wrong one. */
export type TokenOptions = {
  readonly issuer?: string;
  readonly audience?: readonly string[];
  /** How long ago it was signed, in seconds. */
  readonly age?: number;
};

/** An issuer in memory, with keys of its own, that signs what the auth service would. */
export type TestIssuer = {
  readonly issuer: string;
  readonly keys: KeySource;
  readonly publicJwk: PublicJwk;
  /** The revocations of its tokens. */
  readonly feed: TestFeed;
  /** A user's access token, as a sign-in gives it. */
  userToken(options?: UserTokenOptions): Promise<string>;
  /** A service's token for one callee. */
  serviceToken(caller: ServiceName, callee: ServiceName, options?: TokenOptions): Promise<string>;
  /** A token of `caller` on behalf of a user, for one callee. */
  delegatedToken(caller: ServiceName, callee: ServiceName, user?: DelegatedTokenOptions): Promise<string>;
  /**
   * What auth's token exchange gives `caller` for a user's token that was sent to it: one for `callee`, with what is left
   * of the rights (RFC 8693). Rejects with a TokenError for a token that is not good for `caller`.
   */
  exchange(caller: ServiceName, callee: ServiceName, subjectToken: string): Promise<string>;
};

/** The id of the user whom `userToken` speaks of unless told. */
export const testUserId = "00000000-0000-4000-8000-000000000001";

/**
 * Makes an issuer. Two issuers have different keys: the tokens of one are forgeries to whoever believes the other.
 *
 * @param now epoch milliseconds
 */
export async function createTestIssuer({ now }: { now: () => number } = { now: Date.now }): Promise<TestIssuer> {
  const issuer = "http://issuer.test";
  const { privateJwk, publicJwk } = await generateSigningKey("ES256");
  const key = await importSigningKey(privateJwk);

  function common(kind: AccessClaims["class"], { issuer: from = issuer, age = 0 }: TokenOptions) {
    const issuedAt = Math.floor(now() / 1000) - age;
    return { issuer: from, tokenId: crypto.randomUUID(), issuedAt, expiresAt: issuedAt + tokenLife[kind] };
  }
  function session(options: UserTokenOptions, issuedAt: number) {
    const { roles = ["user"], sessionId = crypto.randomUUID(), userVersion = 0 } = options;
    return { roles, sessionId, userVersion, authenticatedAt: issuedAt };
  }

  const keys = createLocalKeySet(() => [publicJwk]);
  const made: TestIssuer = {
    issuer,
    publicJwk,
    keys,
    feed: await createTestFeed(issuer, now),
    userToken(options = {}) {
      const claims = common("user", options);
      const who = { subject: options.id ?? testUserId, clientId: "countersign-web" };
      const audience = options.audience ?? userFacingServices;
      return signAccessToken({ class: "user", ...claims, ...who, audience, ...session(options, claims.issuedAt) }, key);
    },
    serviceToken(caller, callee, options = {}) {
      const who = { subject: caller, clientId: caller, audience: options.audience ?? [callee] };
      return signAccessToken({ class: "service", ...common("service", options), ...who, clientVersion: 0 }, key);
    },
    delegatedToken(caller, callee, user = {}) {
      const claims = common("delegated", user);
      const who = { subject: user.id ?? testUserId, clientId: caller, audience: user.audience ?? [callee] };
      const { rights = rightsAlong([...(user.through ?? [])].toReversed().concat(caller), user.roles) } = user;
      const { exchangedFrom = [], through } = user;
      const of = { ...session(user, claims.issuedAt), ...rights, exchangedFrom, actor: actorOf(caller, through) };
      return signAccessToken({ class: "delegated", ...claims, ...who, ...of }, key);
    },
    async exchange(caller, callee, subjectToken) {
      const policy = { issuer, audience: caller, algorithms: ["ES256"], classes: ["user", "delegated"], now } as const;
      const claims = await verifyCompact(subjectToken, keys, policy);
      if (claims.class !== "user" && claims.class !== "delegated") throw new TokenError("wrong_class");
      const { subject: id, sessionId, tokenId, userVersion } = claims;
      const exchangedFrom = [tokenId, ...(claims.class === "delegated" ? claims.exchangedFrom : [])];
      const through = claims.class === "delegated" ? chainOf(claims.actor) : [];
      return made.delegatedToken(caller, callee, {
        id,
        sessionId,
        userVersion,
        through,
        exchangedFrom,
        rights: rightsThrough(caller, heldBy(claims)),
      });
    },
  };
  return made;
}

function heldBy(claims: UserClaims | DelegatedClaims): Rights {
  const roles = claims.roles.filter(isRole);
  return {
    roles,
    permissions: claims.class === "user" ? permissionsOf(roles) : claims.permissions.filter(isPermission),
  };
}

function chainOf({ subject, actor }: Actor): ServiceName[] {
  return [...(isService(subject) ? [subject] : []), ...(actor === undefined ? [] : chainOf(actor))];
}

/** What is left of a user's rights behind these services, the first caller first. */
function rightsAlong(callers: readonly ServiceName[], roles: readonly Role[] = ["user"]): Rights {
  const all: Rights = { roles, permissions: permissionsOf(roles) };
  return callers.reduce((rights, caller) => rightsThrough(caller, rights), all);
}

function actorOf(subject: ServiceName, [next, ...rest]: readonly ServiceName[] = []): Actor {
  const actor = { subject, version: 0 };
  return next === undefined ? actor : { ...actor, actor: actorOf(next, rest) };
}

/** A service that is not this one, for tokens that are meant for somebody else. */
export function anotherService(service: ServiceName): ServiceName {
  return serviceNames.find((name) => name !== service) ?? service;
}
