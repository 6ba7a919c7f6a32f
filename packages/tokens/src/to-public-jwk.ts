import { type PublicJwk, publicJwk } from "./jwk.ts";

/**
 * The half of a private key that is published: what the schema of a public one does not name stays behind.
 *
 * @throws Error when it is no key of a kind that we sign with
 */
export function toPublicJwk(privateJwk: unknown): PublicJwk {
  return publicJwk.parse(privateJwk);
}
