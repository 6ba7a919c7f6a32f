/**
 * The tokens of a platform that each program is given: of a user for several services and for one, of a service, and of a service
 * for a user; then one that has expired, one for another audience, and one that was changed.
 */
export const kinds = ["list", "user", "service", "delegated", "expired", "audience", "forged"] as const;
export type Kind = (typeof kinds)[number];

/**
 * What a forger signs: a token as ours are, the same as a plain `JWT`, and such as no platform of ours signs: of the type of
 * an assertion, without `exp`, of another issuer.
 */
export const forgedKinds = ["good", "jwt", "type", "endless", "issuer"] as const;
export type ForgedKind = (typeof forgedKinds)[number];
