import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { generateSigningKey } from "@countersign/tokens";
import OidcProvider from "oidc-provider";
import type { ProviderSettings } from "../src/providers/provider-settings.ts";
import { publicUrl } from "./open-test-auth.ts";

/** Who signs in at a test provider: the claims that it tells. */
export type Person = { readonly sub: string } & Readonly<Record<string, unknown>>;

export type TestProvider = {
  readonly settings: ProviderSettings;
  /** Whoever comes next signs in as this person at once; null declines. */
  person: Person | null;
  stop(): Promise<void>;
};

/** A real OpenID provider (oidc-provider) over HTTP on this machine, where a person signs in without a click. */
export async function startProvider(name: string, changes: Partial<ProviderSettings> = {}): Promise<TestProvider> {
  const { handler, listen } = createLateServer();
  const { issuer, stop } = await listen();
  const { privateJwk } = await generateSigningKey("ES256");
  const people = new Map<string, Person>();
  const oidc = new OidcProvider(issuer, {
    clients: [
      {
        client_id: "countersign",
        client_secret: `secret-of-${name}-with-enough-characters`,
        redirect_uris: [`${publicUrl}/auth/${name}/callback`],
        token_endpoint_auth_method: "client_secret_post",
        id_token_signed_response_alg: "ES256",
      },
    ],
    jwks: { keys: [{ ...privateJwk, use: "sig" }] },
    cookies: { keys: ["a key of the test provider"] },
    claims: { openid: ["sub"], email: ["email", "email_verified"] },
    ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, IdToken: 600 },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, id) => ({ accountId: id, claims: () => people.get(id) ?? { sub: id } }),
    async loadExistingGrant(context) {
      const { client, session } = context.oidc;
      const grant = new context.oidc.provider.Grant({ clientId: client?.clientId, accountId: session?.accountId });
      grant.addOIDCScope("openid email");
      await grant.save();
      return grant;
    },
  });
  const provider: TestProvider = { settings: { ...settingsOf(name, issuer), ...changes }, person: null, stop };
  const answer = oidc.callback();
  handler.current = (request, response) => {
    if (!(request.url ?? "").startsWith("/interaction/")) return answer(request, response);
    const { person } = provider;
    if (person !== null) people.set(person.sub, person);
    const declined = { error: "access_denied", error_description: "The person declined." };
    const result = person === null ? declined : { login: { accountId: person.sub } };
    return oidc.interactionFinished(request, response, result);
  };
  return provider;
}

function settingsOf(name: string, issuer: string): ProviderSettings {
  return {
    name,
    label: name,
    issuer,
    clientId: "countersign",
    proof: { kind: "secret", secret: `secret-of-${name}-with-enough-characters` },
    scopes: ["openid", "email"],
    claims: { email: "email", emailVerified: "email_verified" },
    verifiedValues: [true],
    responseMode: "query",
  };
}

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Its address has to be known before the provider can be made. */
function createLateServer() {
  const handler: { current: Handler } = { current: (_request, response) => response.end() };
  const server = createServer((request, response) => void handler.current(request, response));
  const listen = async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo; // it listens on a port
    const stop = async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    };
    return { issuer: `http://127.0.0.1:${port}`, stop };
  };
  return { handler, listen };
}
