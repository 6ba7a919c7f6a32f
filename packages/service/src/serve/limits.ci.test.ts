import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type Fetch, type ListenerLimits, type Served, type ServeOptions, serve } from "../serve.ts";
import { limitReader } from "./limit-reader.ts";

const isBun = "Bun" in globalThis;
const running: Served[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(running.splice(0).map((served) => served.stop()));
});

async function start(fetch: Fetch, limits: Partial<ListenerLimits>, options: Partial<ServeOptions> = {}) {
  const served = await serve(fetch, { port: 0, hostname: "127.0.0.1", drainMs: 300, limits, ...options });
  running.push(served);
  return served.port;
}

/** A raw connection: what was received so far, and a promise of its end. */
function open(port: number) {
  const socket = connect(port, "127.0.0.1");
  sockets.push(socket);
  const connection = { socket, received: "", isClosed: false, closed: Promise.resolve() };
  socket.on("data", (chunk) => {
    connection.received += chunk.toString("latin1");
  });
  socket.on("error", () => socket.destroy()); // a reset is one of the ends that a test waits for
  connection.closed = new Promise<void>((resolve) =>
    socket.on("close", () => {
      connection.isClosed = true;
      resolve();
    }),
  );
  return connection;
}

/** Sends a byte every 20 ms until the connection is closed. */
async function trickle({ socket, closed }: ReturnType<typeof open>, byte: string): Promise<void> {
  const timer = setInterval(() => socket.destroyed || socket.write(byte), 20);
  await closed;
  clearInterval(timer);
}

async function until(condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; !condition(); ) {
    if (Date.now() > deadline) throw new Error("the condition never became true");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const hello = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
const endless = () =>
  new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) });

describe("a peer that is too slow", () => {
  it("with its headers is cut off, whether it sends steadily or nothing", { timeout: 20_000 }, async () => {
    const port = await start(() => new Response("reached"), { headersTimeoutMs: 200 });
    const silent = open(port);
    const connection = open(port);
    connection.socket.write("GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ");
    await Promise.all([silent.closed, trickle(connection, "a")]);
    expect(connection.received).not.toContain("reached");
  });

  it.each([
    ["announced", "Content-Length: 1000000\r\n\r\n", "a"],
    ["chunked", "Transfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n"],
  ])("with a body, %s, is cut off, however steadily it sends", { timeout: 20_000 }, async (_how, rest, part) => {
    const port = await start(async (request) => new Response(`read ${(await request.text()).length}`), {
      headersTimeoutMs: 200,
      requestTimeoutMs: 1_000,
    });
    const connection = open(port);
    connection.socket.write(`POST / HTTP/1.1\r\nHost: localhost\r\n${rest}`);
    await trickle(connection, part);
    expect(connection.received).not.toContain("read ");
  });

  it("after an answer, with its next request, is cut off", { timeout: 20_000 }, async () => {
    const port = await start(() => new Response("hello"), { keepAliveTimeoutMs: 200, requestTimeoutMs: 1_000 });
    const connection = open(port);
    connection.socket.write(hello);
    await connection.closed;
    expect(connection.received).toContain("hello");
  });

  it("to read an answer is cut off, and the source of it is let go", { timeout: 20_000 }, async () => {
    let cancelled = false;
    const source = () =>
      new ReadableStream<Uint8Array>({
        pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
        cancel: () => void (cancelled = true),
      });
    const limits = { stallTimeoutMs: 300 };
    const port = await start(() => new Response(limitReader(source(), limits)), limits);
    const { socket } = open(port);
    socket.pause();
    socket.write(hello);
    await until(() => cancelled);
    expect(cancelled).toBe(true);
  });

  it("to read a whole answer at hand, or many that it asked for at once, is cut off", async (context) => {
    if (isBun) context.skip("Bun shows no connection: there the reader of each stream is limited, as above");
    const port = await start(() => new Response(new Uint8Array(20_000_000)), { stallTimeoutMs: 300 });
    const { socket, closed } = open(port);
    socket.pause();
    socket.write(hello.repeat(50));
    const timer = setInterval(() => socket.destroyed || socket.write("G"), 50); // fails once the other side has gone
    await closed;
    clearInterval(timer);
    expect(socket.destroyed).toBe(true);
  });

  it("for the whole exchange is cut off, though it takes every part", { timeout: 20_000 }, async () => {
    const limits = { stallTimeoutMs: 5_000, wholeTimeoutMs: 300 };
    const port = await start(() => new Response(limitReader(endless(), limits)), {});
    const connection = open(port);
    connection.socket.write(hello);
    await connection.closed;
    expect(connection.received).not.toMatch(/\r\n0\r\n\r\n$/);
  });

  it("to be answered at all is cut off", async (context) => {
    if (isBun) context.skip("Bun shows no connection: there the application has time limits of its own");
    const port = await start(() => new Promise<Response>(() => {}), { exchangeTimeoutMs: 300 });
    const connection = open(port);
    connection.socket.write(hello);
    await connection.closed;
    expect(connection.received).toBe("");
  });
});

describe("a stream of events", () => {
  const events = (enqueue: (send: (text: string) => void) => void) => () =>
    new Response(
      new ReadableStream<Uint8Array>({
        start: (controller) => enqueue((text) => controller.enqueue(new TextEncoder().encode(text))),
      }),
      { headers: { "content-type": "text/event-stream" } },
    );

  it("may last longer than any other exchange, in silence", async () => {
    const fetch = events((send) => {
      send("data: 1\n\n");
      setTimeout(() => send("data: 2\n\n"), 700);
    });
    const port = await start(fetch, { exchangeTimeoutMs: 200, stallTimeoutMs: 200, keepAliveTimeoutMs: 200 });
    const connection = open(port);
    connection.socket.write(hello);
    await until(() => connection.received.includes("data: 2"));
    expect(connection.isClosed).toBe(false);
  });

  it("ends in good order when the listener stops", async () => {
    const port = await start(
      events((send) => send("data: 1\n\n")),
      {},
      { drainMs: 5_000 },
    );
    const connection = open(port);
    connection.socket.write(hello);
    await until(() => connection.received.includes("data: 1"));
    const started = performance.now();
    await running[0]?.stop();
    await connection.closed;
    expect(connection.received).toMatch(/0\r\n\r\n$/);
    expect(performance.now() - started).toBeLessThan(4_000);
  });
});

describe("connections of one address", () => {
  const slow: Fetch = async () => {
    await new Promise((resolve) => setTimeout(resolve, 400));
    return new Response("answered");
  };

  async function holdThree(options: Partial<ServeOptions>) {
    const port = await start(slow, { connectionsPerAddress: 2 }, { ...options, drainMs: 2_000 });
    const connections = [open(port), open(port)];
    for (const { socket } of connections) socket.write(hello);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const third = open(port);
    third.socket.write(hello);
    await until(() => [...connections, third].every(({ received, isClosed }) => isClosed || received !== ""));
    return { port, answers: [...connections, third].map(({ received }) => received.includes("answered")) };
  }

  it("are so many and no more, and count no longer once they are closed", async () => {
    const { port, answers } = await holdThree({});
    expect(answers).toEqual([true, true, false]);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const next = open(port);
    next.socket.write(hello);
    await until(() => next.received.includes("answered"));
  });

  it("are any number where the address is a proxy's", async () => {
    const { answers } = await holdThree({ isProxy: (address) => address === "127.0.0.1" });
    expect(answers).toEqual([true, true, true]);
  });
});

describe("while it stops", () => {
  it("answers every request that comes on a connection it has, and says on the last that it is the last", async () => {
    const port = await start(
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return new Response("answered");
      },
      {},
      { drainMs: 5_000 },
    );
    let isStopping = false;
    let failed = 0;
    let last = "";
    /** Asks again as soon as it is answered, until it is told that the connection ends. */
    async function client(): Promise<void> {
      const connection = open(port);
      for (;;) {
        connection.received = "";
        connection.socket.write(hello);
        await until(() => connection.received.includes("answered") || connection.isClosed);
        if (!connection.received.includes("answered")) {
          failed += 1;
          return;
        }
        if (/^connection: close\r$/im.test(connection.received)) {
          last = connection.received;
          return;
        }
        if (isStopping) await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
      }
    }
    const clients = Array.from({ length: 20 }, client);
    await new Promise((resolve) => setTimeout(resolve, 200));
    isStopping = true;
    await Promise.all([running[0]?.stop(), ...clients]);
    expect([failed, last]).toEqual([0, expect.stringContaining("answered")]);
  });
});
