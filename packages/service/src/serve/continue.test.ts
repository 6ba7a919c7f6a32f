import { connect } from "node:net";
import { Hono } from "hono";
import { afterAll, describe, expect, it } from "vitest";
import { type Served, serve, serveAnswers } from "../serve.ts";

const isBun = "Bun" in globalThis;
const running: Served[] = [];
afterAll(async () => {
  await Promise.all(running.splice(0).map((served) => served.stop()));
});

const at = { port: 0, hostname: "127.0.0.1", drainMs: 100 };
const most = 1_000;

/** Listeners as gateway and services have them, which refuse by the announced length, or else read. */
async function start(kind: string): Promise<number> {
  const app = new Hono();
  app.post("*", async (c) =>
    Number(c.req.header("content-length")) > most ? c.text("too large", 413) : c.text(`read ${await c.req.text()}`),
  );
  const served =
    kind === "fetch"
      ? await serve(app.fetch, at)
      : await serveAnswers(async ({ headers, bytes }) => {
          if (Number(headers.get("content-length")) > most)
            return { status: 413, headers: new Map(), body: "too large" };
          return { status: 200, headers: new Map(), body: `read ${new TextDecoder().decode(await bytes())}` };
        }, at);
  running.push(served);
  return served.port;
}

function open(port: number, bytes: string) {
  const socket = connect(port, "127.0.0.1");
  const connection = { socket, received: "", isClosed: false };
  socket.on("data", (chunk) => {
    connection.received += chunk.toString("latin1");
  });
  socket.on("close", () => {
    connection.isClosed = true;
  });
  socket.write(bytes);
  return connection;
}

const expecting = (length: number) =>
  `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\nExpect: 100-continue\r\n\r\n`;

describe.each(["answers", "fetch"])("a client that waits for 100 Continue from a listener of %s", (kind) => {
  it("is told to go on when its body is read, on a connection that lasts", async () => {
    const connection = open(await start(kind), expecting(5));
    await expect.poll(() => connection.received).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    connection.socket.write("hello");
    await expect.poll(() => connection.received).toContain("read hello");
    connection.socket.write(expecting(2));
    await expect.poll(() => connection.received.match(/100 Continue/g)?.length).toBe(2);
    connection.socket.write("ok");
    await expect.poll(() => connection.received).toContain("read ok");
    connection.socket.destroy();
  });

  it("is told the final status at once where its body is not wanted, and the connection ends", async (context) => {
    if (isBun) context.skip("Bun says 100 Continue before the application sees the request");
    const connection = open(await start(kind), expecting(5_000_000));
    await expect.poll(() => connection.isClosed).toBe(true);
    expect(connection.received).toMatch(/^HTTP\/1\.1 413 /);
    expect(connection.received).toMatch(/^connection: close\r$/im);
    expect(connection.received).toContain("too large");
  });
});
