import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createForge } from "../../../apps/platform/test/foreign/forge.ts";
import { audience } from "./issue-tokens.ts";
import type { ForgedKind } from "./kinds.ts";
import type { Policy } from "./program.ts";
import { publishKeys } from "./publish-keys.ts";
import type { Workspace } from "./workspace.ts";

/** An issuer that signs anything, with ES256. */
export type Forger = {
  readonly policy: Policy;
  readonly tokens: Readonly<Record<ForgedKind, string>>;
  readonly stop: () => void;
};

/** Starts an issuer that is found as a platform is. */
export async function startForger(workspace: Workspace): Promise<Forger> {
  const server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(request.url === "/.well-known/jwks.json" ? { keys: [forge.jwk] } : metadata));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`; // it listens on a port
  const forge = createForge(issuer);
  const jwksUri = `${issuer}/.well-known/jwks.json`;
  const metadata = { issuer, jwks_uri: jwksUri, id_token_signing_alg_values_supported: ["ES256"] };
  const token = (head: object, claims: object = {}) =>
    forge.token(head, { aud: audience, scope: "orders:read", ...claims });
  const tokens = {
    good: token({}),
    jwt: token({ typ: "JWT" }),
    type: token({ typ: "gateway-assertion+jwt" }),
    endless: token({}, { exp: undefined }),
    issuer: token({}, { iss: "http://evil.test" }),
  };
  const published = await publishKeys(issuer, "ES256", workspace);
  const stop = () => {
    published.stop();
    server.close();
  };
  return { policy: published.policy, tokens, stop };
}
