import { connect, type Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import { type Answering, type Served, serveAnswers } from "../serve.ts";

const running: Served[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(running.splice(0).map((served) => served.stop()));
});

/** Asks on a connection of its own, and waits for the beginning of the answer, or its end. */
async function ask(port: number) {
  const socket = connect(port, "127.0.0.1");
  sockets.push(socket);
  const connection = { socket, received: "", isClosed: false };
  socket.on("data", (chunk) => {
    connection.received += chunk.toString("latin1");
  });
  socket.on("error", () => socket.destroy()); // a reset is a refusal
  socket.on("close", () => {
    connection.isClosed = true;
  });
  socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await expect.poll(() => connection.isClosed || connection.received !== "").toBe(true);
  return connection;
}

it.each(["text/event-stream", "application/octet-stream"])(
  "one address holds so many answers that last and no more, of %s",
  async (type) => {
    const lasting: Answering = async () => ({
      status: 200,
      headers: new Map([["content-type", type]]),
      body: new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new TextEncoder().encode("first")),
      }),
    });
    const limits = { connectionsPerAddress: 2 };
    const served = await serveAnswers(lasting, { port: 0, hostname: "127.0.0.1", drainMs: 50, limits });
    running.push(served);
    const [first, second, third] = [await ask(served.port), await ask(served.port), await ask(served.port)];
    expect([first, second, third].map(({ received }) => received.includes(" 200 "))).toEqual([true, true, false]);
    first.socket.destroy();
    await expect.poll(async () => (await ask(served.port)).received, { timeout: 5_000 }).toContain(" 200 ");
    expect(second.isClosed).toBe(false);
  },
);
