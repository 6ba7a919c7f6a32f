import type { IncomingMessage, ServerResponse } from "node:http";
import { connect } from "node:net";
import { createTransport, serveAnswers } from "@countersign/service";
import { silentLog, startUpstream } from "@countersign/testing";
import { createApp, type GatewayDeps } from "../src/app.ts";
import { originsOf } from "./harness.ts";

/** A request as it arrived at a service, header by header, and what its body was. */
export type Arrived = { line: string; headers: [string, string][]; body: string };

/** A gateway on a socket, with its own transport, in front of one server that stands for every service. */
export type ServedGateway = {
  readonly port: number;
  readonly url: string;
  /** Whole requests that reached a service. */
  readonly arrived: readonly Arrived[];
  /** Writes bytes as they are, closes the sending side, and gives all that comes back until the end. */
  readonly raw: (...parts: string[]) => Promise<string>;
  close(): Promise<void>;
};

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

type ServeOptions = Partial<GatewayDeps> & {
  readonly handle?: Handle;
  /** Whether the same server also is the upstream `reports` and the web app. */
  readonly isEverything?: boolean;
};

export async function serveGateway(options: ServeOptions = {}): Promise<ServedGateway> {
  const { handle = ok, isEverything = false, ...deps } = options;
  const arrived: Arrived[] = [];
  const upstream = await startUpstream((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString("latin1")));
    request.on("end", () =>
      arrived.push({ line: `${request.method} ${request.url}`, headers: pairs(request.rawHeaders), body }),
    );
    handle(request, response);
  });
  const transport = createTransport();
  const app = createApp({
    upstreams: originsOf(() => upstream.origin),
    publicOrigin: "http://localhost:4000",
    forward: transport.forward,
    log: silentLog,
    now: Date.now,
    ...(isEverything && { apis: { reports: upstream.origin }, web: upstream.origin }),
    ...deps,
  });
  const served = await serveAnswers(app, { port: 0, hostname: "127.0.0.1", drainMs: 200 });
  return {
    port: served.port,
    url: served.url,
    arrived,
    raw: (...parts) => exchange(served.port, parts),
    close: async () => {
      await served.stop();
      await transport.close();
      await upstream.close();
    },
  };
}

function ok(request: IncomingMessage, response: ServerResponse): void {
  request.on("end", () => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end('{"result":{"data":"from the service"}}');
  });
}

function pairs(raw: readonly string[]): [string, string][] {
  return raw.flatMap((name, index): [string, string][] =>
    index % 2 === 0 ? [[name.toLowerCase(), raw[index + 1] ?? ""]] : [],
  );
}

/** Half a second of silence ends it, too: some servers keep the connection open after a refusal. */
async function exchange(port: number, parts: readonly string[]): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let received = "";
  socket.on("data", (chunk: Buffer) => (received += chunk.toString("latin1")));
  const ended = new Promise<void>((resolve) => {
    socket.setTimeout(500, resolve);
    socket.on("close", () => resolve());
    socket.on("error", () => resolve()); // a reset is a refusal
  });
  for (const part of parts) {
    if (!socket.destroyed) socket.write(part, "latin1");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await ended;
  socket.destroy();
  return received;
}
