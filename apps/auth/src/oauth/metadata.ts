import { grantTypes } from "./grant-token.ts";

const signingAlgorithms = ["RS256", "ES256", "EdDSA", "Ed25519"];
const ofServices = ["private_key_jwt", "client_secret_basic"];
const withPublicClient = [...ofServices, "none"];

/**
 * What clients may know before they ask (RFC 8414 §2); it names only what exists. Nobody is sent here to sign in, so there
 * is no authorization endpoint, no response type and no ID token: of OpenID Connect Discovery it has the members by which
 * libraries find issuer and keys.
 */
export function authorizationServerMetadata(issuer: string) {
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
    response_types_supported: [],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: [],
  };
}
