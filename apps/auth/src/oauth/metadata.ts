import { permissionsOf, roleNames } from "@countersign/access";
import type { RouterDeps } from "../deps.ts";
import { grantTypes } from "./grant-token.ts";

const signingAlgorithms = ["RS256", "ES256", "EdDSA", "Ed25519"];
const ofServices = ["private_key_jwt", "client_secret_basic"];
const withPublicClient = [...ofServices, "none"];

type MetadataDeps = Pick<RouterDeps, "issuer" | "keys" | "tokenScope">;

/**
 * What clients may know before they ask (RFC 8414 §2); it names only what exists, and a list without elements is left out
 * (§3.2): nobody is sent here to sign in, so there is no authorization endpoint and no response type.
 */
export function authorizationServerMetadata({ issuer, tokenScope }: MetadataDeps) {
  const scopes = tokenScope === "none" ? {} : { scopes_supported: permissionsOf(roleNames) };
  return {
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    token_endpoint: `${issuer}/oauth/token`,
    token_endpoint_auth_methods_supported: withPublicClient,
    token_endpoint_auth_signing_alg_values_supported: signingAlgorithms,
    introspection_endpoint: `${issuer}/oauth/introspect`,
    introspection_endpoint_auth_methods_supported: ofServices,
    introspection_endpoint_auth_signing_alg_values_supported: signingAlgorithms,
    revocation_endpoint: `${issuer}/oauth/revoke`,
    revocation_endpoint_auth_methods_supported: withPublicClient,
    revocation_endpoint_auth_signing_alg_values_supported: signingAlgorithms,
    grant_types_supported: grantTypes,
    ...scopes,
  };
}

/**
 * The same as an OpenID provider's (OpenID Connect Discovery 1.0 §3), for libraries that find issuer and keys there. There are
 * no ID tokens, and several libraries take the list of their algorithms for that of access tokens: it says what those are
 * signed with, by every key that is published, and so before a new key signs.
 */
export function openidConfiguration(deps: MetadataDeps) {
  const signing = deps.keys.signing().current?.algorithm;
  const published = deps.keys.published().map(({ alg }) => alg);
  const algorithms = new Set([...(signing === undefined ? [] : [signing]), ...published]);
  const ofTokens = algorithms.size === 0 ? {} : { id_token_signing_alg_values_supported: [...algorithms] };
  return { ...authorizationServerMetadata(deps), subject_types_supported: ["public"], ...ofTokens };
}
