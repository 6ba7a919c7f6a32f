import type { ServiceName } from "@countersign/access";

/** Where metadata of protected resources stands, below the public origin and before a resource's own path (RFC 9728 §3.1). */
const wellKnown = "/.well-known/oauth-protected-resource";

/** A protected resource (RFC 9728 §1.2). */
export type ProtectedResource = {
  /** Its identifier, a URL: what clients name as `resource` when they request a token for it (RFC 8707 §2). */
  readonly resource: string;
  /** The URL of its metadata. */
  readonly metadataUrl: string;
};

/**
 * The protected resource that a service is to clients, `https://shop.example.com/trpc/orders`; null is for everything below
 * the public origin.
 *
 * @param publicOrigin the origin of the gateway, which is the issuer of tokens as well
 */
export function protectedResource(publicOrigin: string, service: ServiceName | null): ProtectedResource {
  const path = service === null ? "" : `/trpc/${service}`;
  return { resource: publicOrigin + path, metadataUrl: publicOrigin + wellKnown + path };
}

/** What a client may know of a protected resource before it asks for a token (RFC 9728 §2). */
export function protectedResourceMetadata(publicOrigin: string, service: ServiceName | null) {
  return {
    resource: protectedResource(publicOrigin, service).resource,
    authorization_servers: [publicOrigin],
    bearer_methods_supported: ["header"],
  };
}
