import { setTimeout } from "node:timers/promises";
import type { Tunnel } from "../transport/tunnel.ts";
import { createAddressCount } from "./address-count.ts";
import { toAddress, toUrl } from "./addresses.ts";
import type { Answer } from "./asked.ts";
import { mayLackHost, ownHost } from "./hostless.ts";
import { drainTime, limitsOf, lingerMs } from "./limits.ts";
import { ListenError } from "./listen-error.ts";
import { type PathRoutes, pathRoutes } from "./path-routes.ts";
import { type BunTunnels, createBunTunnels } from "./tunnels-on-bun.ts";
import type { ListenerLimits, Served, ServeOptions } from "./types.ts";
import { within } from "./within.ts";

/** Who answers the requests of a listener, and ends the streams that would not end by themselves. */
export type BunAnswerer = {
  readonly answer: (request: Request, peer: BunPeer) => Promise<Response | undefined>;
  readonly endStreams: () => void;
};

/** What is known of a request beside itself. */
export type BunPeer = {
  readonly address: string;
  /** The path as it was sent: see `pathRoutes`. */
  readonly path: string;
  /** Lets a stream of events be silent, and counts it for its address until it is over. */
  readonly streamBegins: () => () => void;
  /** Counts the request for its address until what it gives is called, instead of until its answer begins. */
  readonly hold: () => () => void;
  /** Joins the client to a WebSocket; gives a refusal where the runtime does not take the request for one. */
  readonly upgrade: (answer: Pick<Answer, "headers" | "cookies">, tunnel: Tunnel) => Response | undefined;
};

/**
 * Listens on Bun. Its listener costs a third of its `node:http`, and has fewer limits to set: it holds headers to 16 KiB
 * and to about ten seconds by itself, and a request's body to the idle timeout, which we set.
 */
export async function listenOnBun(answerer: BunAnswerer, options: ServeOptions): Promise<Served> {
  const draining = { begun: false }; // from the announcement on
  const tunnels = createBunTunnels();
  const server = listen(answerer, options, { draining, tunnels });
  const port = server.port ?? options.port;
  const stop = async () => {
    draining.begun = true;
    answerer.endStreams();
    tunnels.end();
    await setTimeout(lingerMs); // it would cut every connection that is idle, also where a request is on its way
    await within(server.stop(), drainTime(options));
    await within(server.stop(true), 500);
  };
  let stopped: Promise<void> | undefined;
  const announceStop = () => {
    draining.begun = true;
  };
  return { url: toUrl(options.hostname, port), port, announceStop, stop: () => (stopped ??= stop()) };
}

/** What is used of Bun's server, so that the compiler needs no second set of global types. */
type BunServer = {
  port?: number;
  requestIP(request: Request): { address: string } | null;
  timeout(request: Request, seconds: number): void;
  stop(closeActiveConnections?: boolean): Promise<void>;
  upgrade(request: Request, options: { data: Tunnel; headers: [string, string][] }): boolean;
};

type BunRuntime = {
  Bun: {
    serve(options: {
      port: number;
      hostname: string;
      idleTimeout: number;
      development: false;
      reusePort: false;
      websocket: BunTunnels["handlers"];
      routes: PathRoutes<BunServer>["routes"];
      fetch: PathRoutes<BunServer>["fetch"];
    }): BunServer;
  };
};

type Listening = { readonly draining: { readonly begun: boolean }; readonly tunnels: BunTunnels };

function listen(answerer: BunAnswerer, options: ServeOptions, { draining, tunnels }: Listening): BunServer {
  const { Bun } = globalThis as unknown as BunRuntime; // `serve` comes here on Bun only
  const limits = limitsOf(options);
  const counts = createAddressCount(limits.connectionsPerAddress, options.isProxy ?? (() => false));

  async function answer(request: Request, server: BunServer, path: string): Promise<Response | undefined> {
    if (!request.headers.has("host")) return answerHostless(request, server, path);
    const address = toAddress(server.requestIP(request)?.address);
    if (!counts.enter(address)) return refusal(503, { "retry-after": "1" });
    let isHeld = false;
    const hold = () => {
      isHeld = true;
      return () => counts.leave(address);
    };
    const streamBegins = () => {
      server.timeout(request, 0);
      return hold();
    };
    try {
      const upgrade: BunPeer["upgrade"] = ({ headers, cookies = [] }, tunnel) => {
        tunnel.onClose(hold());
        const fields = [...headers, ...cookies.map((cookie): [string, string] => ["set-cookie", cookie])];
        if (server.upgrade(request, { data: tunnel, headers: fields })) return undefined;
        tunnel.destroy();
        return refusal(400);
      };
      const response = await answerer.answer(request, { address, path, streamBegins, hold, upgrade });
      if (response !== undefined && draining.begun) response.headers.set("connection", "close");
      return response;
    } finally {
      if (!isHeld) counts.leave(address);
    }
  }

  /** Bun takes such a request of HTTP/1.0, and gives it a URL without an origin. */
  async function answerHostless(request: Request, server: BunServer, path: string): Promise<Response | undefined> {
    if (!mayLackHost(request.method, path)) return refusal(400);
    const { method } = request;
    const probe = new Request(`http://${ownHost}${path}`, { method, headers: { host: ownHost } });
    return answerer.answer(probe, {
      address: toAddress(server.requestIP(request)?.address),
      path,
      streamBegins: noHold,
      hold: noHold,
      upgrade: () => refusal(400),
    });
  }

  try {
    return Bun.serve({
      port: options.port,
      hostname: options.hostname,
      idleTimeout: idleSeconds(limits),
      development: false, // no stack traces; but it also shares the port with whoever asks for it next, unless told not to
      reusePort: false,
      websocket: tunnels.handlers,
      ...pathRoutes(answer),
    });
  } catch (error) {
    throw new ListenError(error, options);
  }
}

/** Whole seconds, at most 255. */
function idleSeconds({ requestTimeoutMs }: ListenerLimits): number {
  return Math.min(255, Math.max(1, Math.ceil(requestTimeoutMs / 1_000)));
}

/** A probe is short, and counted for nobody. */
function noHold(): () => void {
  return () => undefined;
}

function refusal(status: number, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(null, { status, headers: { ...headers, "cache-control": "no-store", connection: "close" } });
}
