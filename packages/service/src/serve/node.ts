import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { setImmediate } from "node:timers/promises";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { toAddress, toUrl } from "./addresses.ts";
import { drainTime, limits } from "./limits.ts";
import { ListenError } from "./listen-error.ts";
import type { Fetch, Served, ServeOptions } from "./types.ts";
import { within } from "./within.ts";

/** The Node half of `serve`. */
export async function serveOnNode(fetch: Fetch, options: ServeOptions): Promise<Served> {
  const server = createServer({
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    maxHeaderSize: limits.maxHeaderBytes,
    connectionsCheckingInterval: 1_000, // the timeouts above are only looked at this often
  });
  const listener = getRequestListener((request, env) => {
    const { incoming } = env as HttpBindings; // only an HTTP/1.1 server is ever made above
    return fetch(request, { address: toAddress(incoming.socket.remoteAddress) });
  });
  server.on("request", (incoming, outgoing) => void listener(incoming, outgoing)); // answers its own failures
  const port = await listen(server, options);
  let stopped: Promise<void> | undefined;
  return { url: toUrl(options.hostname, port), port, stop: () => (stopped ??= stop(server, drainTime(options))) };
}

async function listen(server: Server, options: ServeOptions): Promise<number> {
  server.listen(options.port, options.hostname);
  try {
    await once(server, "listening");
  } catch (error) {
    throw new ListenError(error, options);
  }
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : options.port;
}

async function stop(server: Server, drainMs: number): Promise<void> {
  // A keep-alive connection must not outlive the last answer on it.
  server.prependListener("request", (_incoming, outgoing) => outgoing.setHeader("connection", "close"));
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  await within(closed, drainMs);
  clearInterval(sweep);
  server.closeAllConnections();
  await within(closed, 500);
  await setImmediate(); // lets the requests that were cut learn of it, before their upstreams go away
}
