import type { ServiceApp } from "@countersign/service";
import type { RouterDeps } from "../deps.ts";
import { jwksMaxAge } from "../keys/lifecycle.ts";
import { authorizationServerMetadata } from "../oauth/metadata.ts";
import { ssfConfiguration } from "../ssf/metadata.ts";

/** Adds the published documents: the keys (RFC 7517 §5) and the metadata (RFC 8414 §3), which anyone may keep a while. */
export function addDocuments(app: ServiceApp, { keys, eventKeys, issuer }: RouterDeps): void {
  const headers = { "cache-control": `public, max-age=${jwksMaxAge}` };
  app.get("/.well-known/jwks.json", () => Response.json({ keys: keys.published() }, { headers }));
  app.get("/.well-known/ssf-jwks.json", () => Response.json({ keys: eventKeys.published }, { headers }));
  app.get("/.well-known/ssf-configuration", () => Response.json(ssfConfiguration(issuer), { headers }));
  for (const name of ["oauth-authorization-server", "openid-configuration"]) {
    app.get(`/.well-known/${name}`, () => Response.json(authorizationServerMetadata(issuer), { headers }));
  }
}
