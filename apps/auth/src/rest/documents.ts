import type { ServiceApp } from "@countersign/service";
import type { RouterDeps } from "../deps.ts";
import { jwksMaxAge } from "../keys/lifecycle.ts";
import { authorizationServerMetadata, openidConfiguration } from "../oauth/metadata.ts";
import { ssfConfiguration } from "../ssf/metadata.ts";

/** Adds the published documents: the keys (RFC 7517 §5) and the metadata (RFC 8414 §3), which anyone may keep a while. */
export function addDocuments(app: ServiceApp, deps: RouterDeps): void {
  const { keys, eventKeys, issuer } = deps;
  const headers = { "cache-control": `public, max-age=${jwksMaxAge}` };
  app.get("/.well-known/jwks.json", () => Response.json({ keys: keys.published() }, { headers }));
  app.get("/.well-known/ssf-jwks.json", () => Response.json({ keys: eventKeys.published }, { headers }));
  app.get("/.well-known/ssf-configuration", () => Response.json(ssfConfiguration(issuer), { headers }));
  const describe = (document: () => object) => () => Response.json(document(), { headers });
  app.get(
    "/.well-known/oauth-authorization-server",
    describe(() => authorizationServerMetadata(deps)),
  );
  app.get(
    "/.well-known/openid-configuration",
    describe(() => openidConfiguration(deps)),
  );
}
