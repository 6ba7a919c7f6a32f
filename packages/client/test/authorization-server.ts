import {
  generateSigningKey,
  importSigningKey,
  type PublicJwk,
  type SigningKey,
  verifyClientAssertion,
} from "@countersign/tokens";

import type { Fetch } from "../src/fetch.ts";

/** A token endpoint in process: it verifies the assertion for real and grants `<audience>-<n>` for 300 seconds. */
export type AuthorizationServer = {
  readonly issuer: string;
  readonly tokenEndpoint: URL;
  /** The key that this server knows `orders` by. */
  readonly key: SigningKey;
  readonly fetch: Fetch;
  /** Every request that arrived, as its form. */
  readonly requests: URLSearchParams[];
  /** Replaces the answers from now on; null restores the real ones. */
  answer: (() => Response | Promise<Response>) | null;
};

export async function createAuthorizationServer(now: () => number): Promise<AuthorizationServer> {
  const issuer = "http://auth.test";
  const { privateJwk, publicJwk } = await generateSigningKey("ES256");
  const keysOf = async (clientId: string): Promise<PublicJwk[]> => (clientId === "orders" ? [publicJwk] : []);
  const server: AuthorizationServer = {
    issuer,
    tokenEndpoint: new URL("/oauth/token", issuer),
    key: await importSigningKey(privateJwk),
    requests: [],
    answer: null,
    fetch: async (input, init) => {
      const fields = new URLSearchParams(await new Request(input, init).text());
      server.requests.push(fields);
      if (server.answer !== null) return server.answer();
      const assertion = fields.get("client_assertion") ?? "";
      try {
        await verifyClientAssertion(assertion, keysOf, { audience: [issuer], now });
      } catch {
        return Response.json({ error: "invalid_client" }, { status: 401 });
      }
      const access_token = `${fields.get("audience")}-${server.requests.length}`;
      return Response.json({ access_token, token_type: "Bearer", expires_in: 300 });
    },
  };
  return server;
}
