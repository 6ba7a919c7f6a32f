import {
  generateSigningKey,
  importSigningKey,
  type PublicJwk,
  type SigningKey,
  verifyClientAssertion,
} from "@countersign/tokens";

import type { Fetch } from "../src/fetch.ts";

/**
 * A token endpoint in process: it verifies the assertion for real and grants `<audience>-<n>` for 300 seconds, or, for a
 * subject token, `<subject token>@<audience>-<n>` for 120 (RFC 8693). What `refused` has is refused.
 */
export type AuthorizationServer = {
  readonly issuer: string;
  readonly tokenEndpoint: URL;
  /** Gives the key that this server knows `orders` by. */
  readonly key: () => Promise<SigningKey>;
  readonly fetch: Fetch;
  /** Every request that arrived, as its form. */
  readonly requests: URLSearchParams[];
  /** The headers of the requests. */
  readonly headers: Headers[];
  /** The subject tokens that this server refuses. */
  readonly refused: Set<string>;
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
    key: () => importSigningKey(privateJwk),
    requests: [],
    headers: [],
    refused: new Set(),
    answer: null,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const fields = new URLSearchParams(await request.text());
      server.requests.push(fields);
      server.headers.push(request.headers);
      if (server.answer !== null) return server.answer();
      const assertion = fields.get("client_assertion") ?? "";
      try {
        await verifyClientAssertion(assertion, keysOf, { audience: [issuer], now });
      } catch {
        return Response.json({ error: "invalid_client" }, { status: 401 });
      }
      const subject = fields.get("subject_token");
      if (subject !== null) return exchange(subject, fields);
      const access_token = `${fields.get("audience")}-${server.requests.length}`;
      return Response.json({ access_token, token_type: "Bearer", expires_in: 300 });
    },
  };

  function exchange(subject: string, fields: URLSearchParams): Response {
    if (server.refused.has(subject)) return Response.json({ error: "invalid_request" }, { status: 400 });
    const access_token = `${subject}@${fields.get("audience")}-${server.requests.length}`;
    const issued_token_type = fields.get("subject_token_type");
    return Response.json({ access_token, issued_token_type, token_type: "Bearer", expires_in: 120 });
  }
  return server;
}
