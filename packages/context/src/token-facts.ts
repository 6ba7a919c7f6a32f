import type { Identity } from "./identity.ts";

/** What auth has to know of a verified token to say whether it counts at this moment. */
export type TokenFacts = {
  readonly tokenId: string;
  /** The tokens that it was exchanged for, by id. */
  readonly exchangedFrom: readonly string[];
  /** The user, session and version of the account; null for a service that acts for itself. */
  readonly user: { readonly id: string; readonly sessionId: string; readonly version: number } | null;
  /** The services that it speaks for, with the version of each. */
  readonly services: readonly { readonly name: string; readonly version: number }[];
};

/** The facts of an identity, for `tokens.isLive` of auth. */
export function factsOfIdentity({ user, token }: Identity): TokenFacts {
  const { id: tokenId, exchangedFrom, userVersion, services } = token;
  const owner = user === null ? null : { id: user.id, sessionId: user.sessionId, version: userVersion ?? 0 };
  return { tokenId, exchangedFrom, user: owner, services };
}
