import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type Fetch, ListenError, type Served, type ServeOptions, serve } from "./serve.ts";

const running: Served[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(running.splice(0).map((served) => served.stop()));
});

async function start(fetch: Fetch, options: Partial<ServeOptions> = {}): Promise<Served> {
  const served = await serve(fetch, { port: 0, hostname: "127.0.0.1", drainMs: 300, ...options });
  running.push(served);
  return served;
}

/** A raw connection: what was received so far, and a promise of its end. */
function open(port: number) {
  const socket = connect(port, "127.0.0.1");
  sockets.push(socket);
  const connection = { socket, received: "", closed: Promise.resolve() };
  socket.on("data", (chunk) => {
    connection.received += chunk.toString("latin1");
  });
  socket.on("error", () => socket.destroy()); // a reset is one of the ends that a test waits for
  connection.closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  return connection;
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 3_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error("the condition never became true");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const hello = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

describe("serve", () => {
  it("answers on the port that it reports, and tells the application the peer's address", async () => {
    const served = await start((_request, { address }) => new Response(address));
    expect(served.url).toBe(`http://127.0.0.1:${served.port}`);
    expect(await (await fetch(served.url)).text()).toBe("127.0.0.1");
  });

  it("gives an IPv4 peer of a dual-stack socket one spelling", async () => {
    const served = await start((_request, { address }) => new Response(address), { hostname: "::" });
    expect(served.url).toBe(`http://localhost:${served.port}`);
    expect(await (await fetch(`http://127.0.0.1:${served.port}`)).text()).toBe("127.0.0.1");
  });

  it("names a port that is taken, and what to do", async () => {
    const { port } = await start(() => new Response());
    const second = serve(() => new Response(), { port, hostname: "127.0.0.1" });
    await expect(second).rejects.toThrow(ListenError);
    await expect(second).rejects.toMatchObject({
      code: "port_in_use",
      message: expect.stringContaining(`PORT: port ${port}`),
    });
    await expect(second).rejects.toThrow(/^PORT: port \d+ on 127.0.0.1 is already in use\. .* set it to a free one/);
  });

  it.each(["throws", "rejects"])("answers a bare 500 when the application %s, and logs it", async (how) => {
    const logged: object[] = [];
    const failing: Fetch = () => {
      const error = new Error("secret detail");
      if (how === "throws") throw error;
      return Promise.reject(error);
    };
    const served = await start(failing, { log: { error: (details) => logged.push(details) } });
    const response = await fetch(served.url);
    expect([response.status, await response.text()]).toEqual([500, ""]);
    expect(logged).toHaveLength(1);
  });

  it("refuses headers above 16 KiB", async () => {
    const served = await start(() => new Response("reached"));
    const connection = open(served.port);
    connection.socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\nX-Filler: ${"a".repeat(20_000)}\r\n\r\n`);
    await connection.closed;
    expect(connection.received).not.toContain("reached");
    expect(connection.received).toMatch(/^(HTTP\/1\.1 431 |$)/);
  });

  it("shows a response that breaks in the middle as broken, without a word of the cause", async () => {
    let step = 0;
    const body = () =>
      new ReadableStream<Uint8Array>({
        async pull(controller) {
          step += 1;
          if (step === 1) return controller.enqueue(new TextEncoder().encode("first half"));
          await new Promise((resolve) => setTimeout(resolve, 20));
          controller.error(new Error("secret detail"));
        },
      });
    const served = await start(() => new Response(body()));
    const connection = open(served.port);
    connection.socket.write(hello);
    await connection.closed;
    expect(connection.received).toContain("first half");
    expect(connection.received).not.toContain("secret");
    expect(connection.received).not.toMatch(/\r\n0\r\n\r\n$/);
  });

  it("aborts the request's signal and cancels the response's body when the peer goes away", async () => {
    const seen: string[] = [];
    const served = await start((request) => {
      request.signal.addEventListener("abort", () => seen.push("aborted"));
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new TextEncoder().encode("hello")),
        cancel: () => void seen.push("cancelled"),
      });
      return new Response(body, { headers: { "content-type": "text/event-stream" } });
    });
    const connection = open(served.port);
    connection.socket.write(hello);
    await until(() => connection.received.includes("hello"));
    connection.socket.destroy();
    await until(() => seen.length === 2);
    expect(seen.toSorted()).toEqual(["aborted", "cancelled"]);
  });
});

describe("stop", () => {
  it("closes idle connections at once and accepts no new ones", async () => {
    const served = await start(() => new Response("hello"), { drainMs: 5_000 });
    const connection = open(served.port);
    connection.socket.write(hello);
    await until(() => connection.received.includes("hello"));
    const started = performance.now();
    await served.stop();
    await connection.closed;
    expect(performance.now() - started).toBeLessThan(1_000);
    await expect(fetch(served.url)).rejects.toBeInstanceOf(Error);
  });

  it("lets a request in flight end, body included, and then closes its connection", async () => {
    const served = await start(
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 100));
        let chunks = 0;
        return new Response(
          new ReadableStream<Uint8Array>({
            async pull(controller) {
              chunks += 1;
              await new Promise((resolve) => setTimeout(resolve, 30));
              controller.enqueue(new TextEncoder().encode(`part ${chunks};`));
              if (chunks === 3) controller.close();
            },
          }),
        );
      },
      { drainMs: 5_000 },
    );
    const connection = open(served.port);
    connection.socket.write(hello);
    await new Promise((resolve) => setTimeout(resolve, 40));
    const started = performance.now();
    await served.stop();
    await connection.closed;
    expect(connection.received).toContain("part 3;");
    expect(connection.received).toMatch(/\r\n0\r\n\r\n$/);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it("cuts what does not end within the drain", async () => {
    const served = await start(() => new Promise<Response>(() => {}), { drainMs: 100 });
    const connection = open(served.port);
    connection.socket.write(hello);
    await new Promise((resolve) => setTimeout(resolve, 40));
    const started = performance.now();
    await served.stop();
    await connection.closed;
    expect(performance.now() - started).toBeLessThan(1_500);
  });

  it("cuts a connection that never finished its request, and may be called twice", async () => {
    const served = await start(() => new Response(), { drainMs: 100 });
    const connection = open(served.port);
    connection.socket.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Le");
    await new Promise((resolve) => setTimeout(resolve, 40));
    await Promise.all([served.stop(), served.stop()]);
    await connection.closed;
    expect(connection.socket.destroyed).toBe(true);
  });
});
