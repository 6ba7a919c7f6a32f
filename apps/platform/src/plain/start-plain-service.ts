import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createGatewayKeys } from "./gateway-keys.ts";
import { type AssertionPolicy, verifyAssertion } from "./verify-assertion.ts";

/** A service that is no tRPC and knows nothing of ours, as one in another language would be. */
export type PlainService = {
  /** Its origin, on this machine alone. */
  readonly url: string;
  stop(): Promise<void>;
};

export type PlainServiceOptions = {
  /** The public origin. */
  readonly issuer: string;
  /** Where the gateway itself is reached, for its keys. */
  readonly gateway: string;
};

/** The name that it has below `/api/`. */
export const plainName = "plain";

/**
 * Starts it on a free port: `GET /me` says who is calling, by the gateway's signed word alone. It is what `npm run demo`
 * calls beside the shop.
 */
export async function startPlainService({ issuer, gateway }: PlainServiceOptions): Promise<PlainService> {
  const url = `${gateway}/.well-known/gateway-jwks.json`;
  const keys = createGatewayKeys({ url, fetch: globalThis.fetch, now: Date.now });
  const policy: AssertionPolicy = { issuer, audience: plainName, keys, now: Date.now };
  const server = createServer((request, response) => void answer(request, response, policy));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${portOf(server)}`, stop: () => close(server) };
}

async function answer(request: IncomingMessage, response: ServerResponse, policy: AssertionPolicy): Promise<void> {
  const { status, body } = request.url === "/me" ? await readCaller(request, policy) : notFound;
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(body));
}

const notFound = { status: 404, body: { error: "not_found" } };

/** 503 when it cannot know, so that nobody takes an outage of the keys for the end of a session. */
async function readCaller({ headers }: IncomingMessage, policy: AssertionPolicy) {
  const assertion = headers["x-countersign-assertion"];
  try {
    const caller = typeof assertion === "string" ? await verifyAssertion(assertion, policy) : null;
    if (caller === null) return { status: 401, body: { error: "invalid_token" } };
    const sawToken = headers.authorization !== undefined || /auth_token|refresh_token/.test(headers.cookie ?? "");
    return { status: 200, body: { ...caller, sawToken } };
  } catch {
    // No keys: that says nothing of the caller
    return { status: 503, body: { error: "temporarily_unavailable" } };
  }
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
