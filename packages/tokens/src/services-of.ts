import type { AccessClaims, Actor, Version } from "./claims.ts";

/** A service that a token speaks for, and the version of its registration. */
export type SpokenService = { readonly name: string; readonly version: Version };

/** The services that a token speaks for, the caller first and who called it after it; none in a user's own. */
export function servicesOf(claims: AccessClaims): readonly SpokenService[] {
  if (claims.class === "user") return [];
  if (claims.class === "service") return [{ name: claims.subject, version: claims.clientVersion }];
  return chainFrom(claims.actor);
}

function chainFrom({ subject: name, version, actor }: Actor): readonly SpokenService[] {
  return [{ name, version }, ...(actor === undefined ? [] : chainFrom(actor))];
}
