import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { ProviderSettings } from "@countersign/auth/app";
import type { Log } from "@countersign/context";
import type { DemoHandler } from "./open-demo-provider.ts";

export type DemoProviderOptions = {
  /** The origin that browsers see the platform at. */
  readonly publicOrigin: string;
  /** 0 asks for a free one. */
  readonly port: number;
  readonly log: Log;
};

/** A running demo provider, and how auth is to know it. */
export type DemoProvider = { readonly settings: ProviderSettings; stop(): Promise<void> };

/**
 * Starts an OpenID provider on this machine at which anybody signs in with any address, without a password: a real one
 * (oidc-provider), so that the way there and back can be tried without an account at Google. Never in production. Its code is
 * loaded by the first request. What it knows is kept in memory; a person's subject is the address.
 *
 * @returns null when the port is taken, which stops no start
 */
export async function startDemoProvider({
  publicOrigin,
  port,
  log,
}: DemoProviderOptions): Promise<DemoProvider | null> {
  const clientSecret = randomBytes(32).toString("base64url");
  let opened: Promise<DemoHandler> | null = null;
  const server = createServer((request, response) => void answer(request, response));
  server.listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (error) {
    log.warn({ err: error, port }, "The demo provider has no port, and is left out.");
    return null;
  }
  const issuer = `http://127.0.0.1:${portOf(server)}`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      opened ??= import("./open-demo-provider.ts").then(({ openDemoProvider }) =>
        openDemoProvider({ issuer, clientSecret, redirectUri: `${publicOrigin}/auth/demo/callback` }),
      );
      const handle = await opened;
      await handle(request, response);
    } catch (error) {
      log.error({ err: error }, "The demo provider failed.");
      response.writeHead(500).end();
    }
  }

  const settings: ProviderSettings = {
    name: "demo",
    label: "Demo provider",
    issuer,
    clientId: "countersign",
    proof: { kind: "secret", secret: clientSecret },
    scopes: ["openid", "email"],
    claims: { email: "email", emailVerified: "email_verified" },
    verifiedValues: [true],
    responseMode: "query",
  };
  return { settings, stop: () => close(server) };
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
