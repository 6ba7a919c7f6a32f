import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { Server as TcpServer } from "node:net";
import { setImmediate } from "node:timers/promises";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { toAddress, toUrl } from "./addresses.ts";
import { type Connections, watchConnections } from "./connections.ts";
import { endEventStreams, isEventStream } from "./event-streams.ts";
import { drainTime, limitsOf } from "./limits.ts";
import { ListenError } from "./listen-error.ts";
import type { Fetch, Served, ServeOptions } from "./types.ts";
import { within } from "./within.ts";

/** The Node half of `serve`. */
export async function serveOnNode(fetch: Fetch, options: ServeOptions): Promise<Served> {
  const limits = limitsOf(options);
  const server = createServer({
    headersTimeout: Math.min(limits.headersTimeoutMs, limits.requestTimeoutMs),
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    maxHeaderSize: limits.maxHeaderBytes,
    connectionsCheckingInterval: Math.min(1_000, limits.headersTimeoutMs), // how often the timeouts above are looked at
  });
  server.maxConnections = limits.connections;
  const connections = watchConnections(limits, options.isProxy ?? (() => false), () => performance.now());
  const streams = endEventStreams(fetch);
  const answer = getRequestListener(async (request, env) => {
    const { incoming } = env as HttpBindings; // only an HTTP/1.1 server is ever made above
    const response = await streams.fetch(request, {
      address: toAddress(incoming.socket.remoteAddress),
      listHeaders: () => listHeaders(incoming),
    });
    if (isEventStream(response)) connections.streams(incoming.socket);
    return response;
  });
  server.on("connection", connections.opened);
  server.on("request", (incoming, outgoing) => connections.began(incoming, outgoing));
  server.on("request", (incoming, outgoing) => void answer(incoming, outgoing)); // answers its own failures
  const port = await listen(server, options);
  let stopped: Promise<void> | undefined;
  const stop = () => stopServer({ server, connections, endStreams: streams.end, drainMs: drainTime(options) });
  return { url: toUrl(options.hostname, port), port, stop: () => (stopped ??= stop()) };
}

/** Not `incoming.headers`, which drops the second of most headers that come twice (Fetch §2.2.2: they are one list). */
function listHeaders(incoming: IncomingMessage): [string, string][] {
  const listed: [string, string][] = [];
  for (const [name, values = []] of Object.entries(incoming.headersDistinct)) {
    listed.push([name, values.join(name === "cookie" ? "; " : ", ")]);
  }
  return listed;
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

type Stopping = {
  readonly server: Server;
  readonly connections: Connections;
  readonly endStreams: () => void;
  readonly drainMs: number;
};

async function stopServer({ server, connections, endStreams, drainMs }: Stopping): Promise<void> {
  connections.drain();
  endStreams();
  // Not `server.close()`: it cuts every connection that is idle at this instant, also where a request is on its way.
  const closed = new Promise<void>((resolve) => TcpServer.prototype.close.call(server, () => resolve()));
  await within(closed, drainMs);
  connections.close();
  server.close();
  server.closeAllConnections();
  await within(closed, 500);
  await setImmediate(); // lets the requests that were cut learn of it, before their upstreams go away
}
