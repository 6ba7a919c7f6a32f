import { connect } from "node:net";
import { Hono } from "hono";
import { afterAll, describe, expect, it } from "vitest";
import { type Served, serve, serveAnswers } from "../serve.ts";

const running = new Map<string, Served>();
afterAll(async () => {
  await Promise.all([...running.values()].map((served) => served.stop()));
});

const at = { port: 0, hostname: "127.0.0.1", drainMs: 100 };

/** The same two listeners that gateway and services have, each answering with the path that it saw. */
async function start(kind: "answers" | "fetch"): Promise<number> {
  const open = running.get(kind);
  if (open !== undefined) return open.port;
  const app = new Hono();
  app.all("*", (c) => c.text(`saw ${c.req.path}`));
  const served =
    kind === "fetch"
      ? await serve(app.fetch, at)
      : await serveAnswers(async ({ target }) => ({ status: 200, headers: new Map(), body: `saw ${target}` }), at);
  running.set(kind, served);
  return served.port;
}

/** What comes back to these bytes, until the connection ends or half a second is over. */
function exchange(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let received = "";
    const end = () => {
      socket.destroy();
      resolve(received);
    };
    socket.setTimeout(500, end);
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
    });
    socket.on("close", end);
    socket.on("error", end);
    socket.write(bytes);
  });
}

describe.each(["answers", "fetch"] as const)("a request of HTTP/1.0 without Host, to a listener of %s,", (kind) => {
  it.each(["OPTIONS /health/ready", "GET /health/ready", "GET /health/live", "HEAD /health/live", "GET /health"])(
    "is answered where it is a probe: %s",
    async (line) => {
      const received = await exchange(await start(kind), `${line} HTTP/1.0\r\n\r\n`);
      expect(received).toMatch(/^HTTP\/1\.[01] 200 /);
      if (!line.startsWith("HEAD")) expect(received).toContain(`saw ${line.split(" ")[1]}`);
    },
  );

  it.each([
    "GET /",
    "GET /health/",
    "GET /health/ready/x",
    "GET /trpc/orders/list",
    "POST /health/ready",
    "GET //health",
  ])("is refused anywhere else: %s", async (line) => {
    const received = await exchange(await start(kind), `${line} HTTP/1.0\r\n\r\n`);
    expect(received).not.toContain("saw");
    expect(received).toMatch(/^HTTP\/1\.[01] 400 /);
  });

  it.each(["GET /health/ready HTTP/1.1\r\n\r\n", "GET /health/ready HTTP/1.1\r\nHost: a, b\r\n\r\n"])(
    "is another than one of HTTP/1.1 without one host: %j",
    async (bytes) => {
      expect(await exchange(await start(kind), bytes)).not.toContain("saw");
    },
  );
});
