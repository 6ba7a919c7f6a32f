import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Server as TcpServer } from "node:net";
import type { Duplex } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { asksForWebSocket } from "../transport/tunnel.ts";
import { toUrl } from "./addresses.ts";
import { toMap } from "./asked-on-node.ts";
import { type Connections, watchConnections } from "./connections.ts";
import { continueWhenRead } from "./continue-when-read.ts";
import { mayLackHost, ownHost } from "./hostless.ts";
import { drainTime, limitsOf } from "./limits.ts";
import { ListenError } from "./listen-error.ts";
import { createCodingCheck } from "./refuse-coding.ts";
import type { Served, ServeOptions } from "./types.ts";
import { within } from "./within.ts";

/** Who answers the requests of a listener, and ends the streams that would not end by themselves. */
export type Answerer = {
  readonly answer: (incoming: IncomingMessage, outgoing: ServerResponse) => void;
  /** Takes a request for a WebSocket; without it such requests are answered as any other. */
  readonly upgrade?: (incoming: IncomingMessage, client: Duplex, head: Buffer) => void;
  readonly endStreams: () => void;
};

/**
 * Listens on Node, within the limits of `options`.
 *
 * @param create is given what to call when the answer on a connection is a stream of events, which may be silent
 */
export async function listenOnNode(
  create: (lasts: Connections["streams"]) => Answerer,
  options: ServeOptions,
): Promise<Served> {
  const limits = limitsOf(options);
  const connections = watchConnections(limits, options.isProxy ?? (() => false), () => performance.now());
  const { answer, upgrade, endStreams } = create(connections.streams);
  const server = createServer({
    headersTimeout: Math.min(limits.headersTimeoutMs, limits.requestTimeoutMs),
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    maxHeaderSize: limits.maxHeaderBytes,
    shouldUpgradeCallback: ({ method = "", rawHeaders }) =>
      upgrade !== undefined && asksForWebSocket(method, toMap(rawHeaders)),
    connectionsCheckingInterval: Math.min(1_000, limits.headersTimeoutMs), // how often the timeouts above are looked at
  });
  server.maxConnections = limits.connections;
  server.on("connection", connections.opened);
  const refuseCoding = createCodingCheck();
  const take = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    if (refuseCoding(incoming, outgoing) || refuseHostless(incoming, outgoing)) return;
    connections.began(incoming, outgoing);
    answer(incoming, outgoing);
  };
  server.on("request", take);
  if (upgrade !== undefined) server.on("upgrade", upgrade);
  server.on("checkContinue", (incoming: IncomingMessage, outgoing: ServerResponse) => {
    continueWhenRead(incoming, outgoing);
    take(incoming, outgoing);
  });
  const port = await listen(server, options);
  let stopped: Promise<void> | undefined;
  const stop = () => stopServer({ server, connections, endStreams, drainMs: drainTime(options) });
  const { announceStop } = connections;
  return { url: toUrl(options.hostname, port), port, announceStop, stop: () => (stopped ??= stop()) };
}

/** Answers 400 to a request without a Host header, which Node itself takes of HTTP/1.0. A probe is given one instead. */
function refuseHostless(incoming: IncomingMessage, outgoing: ServerResponse): boolean {
  if (incoming.headers.host !== undefined) return false;
  if (!mayLackHost(incoming.method ?? "", incoming.url ?? "")) {
    outgoing.writeHead(400, { connection: "close", "cache-control": "no-store" }).end();
    return true;
  }
  incoming.headers.host = ownHost;
  incoming.rawHeaders.push("Host", ownHost);
  return false;
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
