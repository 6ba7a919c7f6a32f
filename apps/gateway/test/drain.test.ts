import { Agent, request as send } from "node:http";
import { setTimeout } from "node:timers/promises";
import { createTransport, serveAnswers } from "@countersign/service";
import { silentLog, startUpstream, until } from "@countersign/testing";
import { afterEach, describe, expect, it } from "vitest";
import { createApp } from "../src/app.ts";
import { originsOf } from "./harness.ts";

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

/** A gateway on a socket before services that answer after a few milliseconds, and stream on `/trpc/watch`. */
async function start() {
  const upstream = await startUpstream((request, response) => {
    if (request.url !== "/trpc/watch") {
      globalThis.setTimeout(() => response.end('{"result":{"data":1}}'), 10);
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("data: 1\n\n");
  });
  const transport = createTransport();
  const app = createApp({
    upstreams: originsOf(() => upstream.origin),
    publicOrigin: "http://localhost:4000",
    forward: transport.forward,
    log: silentLog,
    now: Date.now,
  });
  const served = await serveAnswers(app, { port: 0, hostname: "127.0.0.1", drainMs: 5_000 });
  open.push(
    () => upstream.close(),
    () => transport.close(),
    () => served.stop(),
  );
  return served;
}

type Answer = { status: number; connection: string | undefined; body: string };

function ask(port: number, agent: Agent, path = "/trpc/orders/list"): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = send({ port, host: "127.0.0.1", path, agent }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => (body += chunk.toString()));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, connection: response.headers.connection, body }),
      );
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end();
  });
}

describe("a gateway that is told to stop", () => {
  it("fails no request of a client that keeps its connection", { timeout: 30_000 }, async () => {
    const served = await start();
    const outcomes: (Answer | Error)[] = [];
    /** One connection, used until the gateway says that it is the last time. */
    async function client(): Promise<void> {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (;;) {
        const outcome = await ask(served.port, agent).catch((error: unknown) =>
          error instanceof Error ? error : new Error("not an error"),
        );
        outcomes.push(outcome);
        if (outcome instanceof Error || outcome.connection === "close") return agent.destroy();
      }
    }
    const clients = Array.from({ length: 10 }, client);
    await setTimeout(300);
    await Promise.all([served.stop(), ...clients]);
    expect(outcomes.filter((outcome) => outcome instanceof Error || outcome.status !== 200)).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(20);
  });

  it("ends streams of events in good order, and does not wait for them", { timeout: 30_000 }, async () => {
    const served = await start();
    const agent = new Agent();
    let begun = "";
    const stream = new Promise<boolean>((resolve) => {
      const request = send({ port: served.port, host: "127.0.0.1", path: "/trpc/orders/watch", agent }, (response) => {
        response.on("data", (chunk: Buffer) => (begun += chunk.toString()));
        response.on("close", () => resolve(response.complete));
        response.on("error", () => resolve(false));
      });
      request.end();
    });
    await until(() => begun === "data: 1\n\n");
    const before = performance.now();
    await served.stop();
    expect([await stream, performance.now() - before < 4_000]).toEqual([true, true]);
  });
});
