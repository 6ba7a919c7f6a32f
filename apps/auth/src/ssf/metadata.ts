/** The paths of the endpoints, below the public origin. */
export const ssfPaths = {
  configuration: "/ssf/streams",
  status: "/ssf/status",
  verification: "/ssf/verify",
  poll: "/ssf/poll",
} as const;

/** The URNs of the two ways to deliver. */
export const deliveryMethods = { push: "urn:ietf:rfc:8935", poll: "urn:ietf:rfc:8936" } as const;

/**
 * What a receiver may know before it asks (Shared Signals Framework 1.0 §7.1); it names only what exists. A stream is about
 * all users, so that there is no endpoint to add or remove one.
 */
export function ssfConfiguration(issuer: string) {
  return {
    spec_version: "1_0",
    issuer,
    jwks_uri: `${issuer}/.well-known/ssf-jwks.json`,
    delivery_methods_supported: [deliveryMethods.push, deliveryMethods.poll],
    configuration_endpoint: issuer + ssfPaths.configuration,
    status_endpoint: issuer + ssfPaths.status,
    verification_endpoint: issuer + ssfPaths.verification,
    authorization_schemes: [{ spec_urn: "urn:ietf:rfc:6750" }],
    default_subjects: "ALL",
  };
}
