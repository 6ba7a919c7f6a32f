import { toAddress, toUrl } from "./addresses.ts";
import { drainTime, limits } from "./limits.ts";
import { ListenError } from "./listen-error.ts";
import type { Fetch, Served, ServeOptions } from "./types.ts";
import { within } from "./within.ts";

/** The Bun half of `serve`. Bun holds request headers to 16 KiB by itself. */
export async function serveOnBun(fetch: Fetch, options: ServeOptions): Promise<Served> {
  const server = listen(fetch, options);
  const port = server.port ?? options.port;
  let stopped: Promise<void> | undefined;
  return { url: toUrl(options.hostname, port), port, stop: () => (stopped ??= stop(server, drainTime(options))) };
}

/** What is used of Bun's server, so that the compiler needs no second set of global types. */
type BunServer = {
  port?: number;
  requestIP(request: Request): { address: string } | null;
  timeout(request: Request, seconds: number): void;
  stop(closeActiveConnections?: boolean): Promise<void>;
};

type BunRuntime = {
  Bun: {
    serve(options: {
      port: number;
      hostname: string;
      idleTimeout: number;
      development: false;
      reusePort: false;
      fetch(request: Request, server: BunServer): Response | Promise<Response>;
    }): BunServer;
  };
};

function listen(fetch: Fetch, options: ServeOptions): BunServer {
  const { Bun } = globalThis as unknown as BunRuntime; // `serve` comes here on Bun only
  try {
    return Bun.serve({
      port: options.port,
      hostname: options.hostname,
      idleTimeout: limits.requestTimeoutMs / 1_000,
      development: false, // no stack traces; but it also shares the port with whoever asks for it next, unless told not to
      reusePort: false,
      fetch: async (request, server) => {
        const response = await fetch(request, { address: toAddress(server.requestIP(request)?.address) });
        if (isEventStream(response)) server.timeout(request, 0);
        return response;
      },
    });
  } catch (error) {
    throw new ListenError(error, options);
  }
}

/** A stream of events may be silent for as long as nothing happens; everything else may not. */
function isEventStream(response: Response): boolean {
  return response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
}

async function stop(server: BunServer, drainMs: number): Promise<void> {
  const closed = server.stop();
  await within(closed, drainMs);
  await within(server.stop(true), 500);
}
