import { generateKeyPairSync, randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import OidcProvider from "oidc-provider";
import { signInPage } from "./sign-in-page.ts";

export type DemoHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export type DemoClient = { readonly issuer: string; readonly clientSecret: string; readonly redirectUri: string };

const scopes = "openid email";
const seconds = 3_600;

/** Makes the provider with its one client. It asks for an address on a page, and consents to everything by itself. */
export function openDemoProvider({ issuer, clientSecret, redirectUri }: DemoClient): DemoHandler {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const provider = new OidcProvider(issuer, {
    clients: [
      {
        client_id: "countersign",
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: "client_secret_post",
        id_token_signed_response_alg: "ES256",
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), kid: "demo", use: "sig", alg: "ES256" }] },
    cookies: { keys: [randomBytes(32).toString("base64url")] },
    claims: { openid: ["sub"], email: ["email", "email_verified"] },
    ttl: { Interaction: seconds, Grant: seconds, Session: seconds, AccessToken: seconds, IdToken: seconds },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: id, email_verified: true }),
    }),
    async loadExistingGrant(context) {
      const { client, session } = context.oidc;
      const grant = new context.oidc.provider.Grant({ clientId: client?.clientId, accountId: session?.accountId });
      grant.addOIDCScope(scopes);
      await grant.save();
      return grant;
    },
  });
  const callback = provider.callback();

  return async (request, response) => {
    if (!(request.url ?? "").startsWith("/interaction/")) return await callback(request, response);
    const address = request.method === "POST" ? await readAddress(request) : null;
    if (address === null) return signInPage(response);
    const result = address === "" ? { error: "access_denied" } : { login: { accountId: address } };
    await provider.interactionFinished(request, response, result);
  };
}

const mostBytes = 4_096;

/** Empty when the person declines; null for what is no address. */
async function readAddress(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  const body: AsyncIterable<Buffer> = request;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > mostBytes) return null;
    chunks.push(chunk);
  }
  const form = new URLSearchParams(Buffer.concat(chunks).toString("utf8"));
  if (form.has("decline")) return "";
  const address = (form.get("email") ?? "").trim().toLowerCase();
  return /^[\x21-\x7e]+@[\x21-\x7e]+$/.test(address) ? address : null;
}
