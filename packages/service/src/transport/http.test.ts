import { createServer, type Socket } from "node:net";
import { until } from "@countersign/testing";
import { afterEach, describe, expect, it } from "vitest";
import { createTransport } from "./http.ts";
import type { Outgoing, Transport } from "./port.ts";

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

const ok = (body: string) => `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

type Handle = (socket: Socket, request: string, connection: number) => void;

/** A server that hands over what each connection brings, to be answered in bytes. */
async function start(handle: Handle) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    const connection = sockets.push(socket);
    socket.on("data", (bytes) => handle(socket, bytes.toString("latin1"), connection));
    socket.on("error", () => undefined); // of a connection that a test has ended
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  const transport: Transport = createTransport();
  open.push(
    () => server.close(),
    () => sockets.forEach((socket) => socket.destroy()),
    () => transport.close(),
  );
  const send = (outgoing: Partial<Outgoing> = {}) => {
    const request = {
      origin,
      path: "/",
      method: "GET",
      headers: {},
      body: null,
      isGone: () => false,
      timeoutMs: 2_000,
    };
    return transport.forward({ ...request, ...outgoing });
  };
  const ask = async (outgoing?: Partial<Outgoing>) => new Response((await send(outgoing)).body).text();
  return { sockets, send, ask };
}

describe("a connection", () => {
  it("is used again, and by one request at a time", async () => {
    const { sockets, ask } = await start((socket, _request, connection) => {
      setTimeout(() => socket.write(ok(String(connection))), 5);
    });
    expect([await ask(), await ask()]).toEqual(["1", "1"]);
    expect((await Promise.all([ask(), ask(), ask()])).toSorted()).toEqual(["1", "2", "3"]);
    expect(sockets).toHaveLength(3);
  });

  it.each<[string, string]>([
    ["the service says that it closes it", "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"],
    ["something came behind the answer", `${ok("")}HTTP/1.1 200 OK\r\n\r\n`],
    ["the service is an older one", "HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n"],
    [
      "the service keeps it for no longer than the way takes",
      "HTTP/1.1 200 OK\r\nkeep-alive: timeout=1\r\ncontent-length: 0\r\n\r\n",
    ],
  ])("is not used again when %s", async (_why, bytes) => {
    const { sockets, ask } = await start((socket) => void socket.write(bytes));
    await ask();
    await ask();
    expect(sockets).toHaveLength(2);
  });

  it("is not used again when the service spoke on it unasked: that would be the answer to the next request", async () => {
    const { sockets, ask } = await start((socket, _request, connection) => void socket.write(ok(String(connection))));
    expect(await ask()).toBe("1");
    sockets[0]?.write(ok("somebody else's"));
    await until(() => sockets[0]?.destroyed === true);
    expect(await ask()).toBe("2");
  });

  it("is not used again when the answer came before the whole request", async () => {
    const { sockets, send, ask } = await start((socket, _request, connection) => {
      if (connection > 1 || socket.bytesRead < 200) socket.write(ok("no more"));
    });
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      cancel: () => void (cancelled = true),
      pull: () => new Promise(() => {}),
    });
    expect((await send({ method: "POST", body })).status).toBe(200);
    await until(() => sockets[0]?.destroyed === true);
    await ask();
    expect([sockets.length, cancelled]).toEqual([2, false]); // who sends it learns of it with the answer
  });

  it("is let go when the service closes it, and a new one is made", async () => {
    const { sockets, ask } = await start((socket, _request, connection) => void socket.write(ok(String(connection))));
    await ask();
    sockets[0]?.end();
    await until(() => sockets[0]?.destroyed === true);
    expect(await ask()).toBe("2");
  });

  it("is not touched by the reader of an answer that it has brought already", async () => {
    const big = "a".repeat(100_000);
    const { sockets, send, ask } = await start((socket, request) => {
      if (request.startsWith("GET /big")) socket.write(ok(big));
      else setTimeout(() => socket.write(ok("small")), 50);
    });
    const { body } = await send({ path: "/big" });
    const reader = body instanceof ReadableStream ? body.getReader() : null;
    for (let read = 0; read < 50_000; ) read += (await reader?.read())?.value?.length ?? big.length;
    await new Promise((resolve) => setTimeout(resolve, 50)); // all of it has come, some is still unread
    const small = ask();
    await reader?.cancel();
    expect(await small).toBe("small");
    expect(sockets.length).toBeLessThanOrEqual(2);
  });

  it("carries a body in one piece, with its length", async () => {
    const seen: string[] = [];
    const { ask } = await start((socket, request) => {
      seen.push(request);
      socket.write(ok(""));
    });
    await ask({ method: "POST", body: new TextEncoder().encode("hello") });
    await ask({ method: "POST", body: new Uint8Array() });
    expect(seen.map((request) => request.split("\r\n").slice(2).join("|"))).toEqual([
      "content-length: 5||hello",
      "content-length: 0||",
    ]);
  });

  it("never carries a header of somebody else's making", async () => {
    const { sockets, send } = await start((socket) => void socket.write(ok("")));
    await expect(send({ headers: { "x-a": "1\u010ax-user-id: admin" } })).rejects.toMatchObject({
      code: "unreachable",
    });
    expect(sockets.every((socket) => socket.bytesRead === 0)).toBe(true);
  });

  it("is given up when the service does not begin, falls silent over, or sends nonsense instead of an answer", async () => {
    const { send } = await start((socket, request) => {
      if (request.startsWith("GET /nonsense")) socket.write("hello there\r\n\r\n");
    });
    await expect(send({ timeoutMs: 100 })).rejects.toMatchObject({ code: "timed_out" });
    await expect(send({ path: "/nonsense" })).rejects.toMatchObject({ code: "malformed" });
  });

  it.each([
    ["malformed", "HTTP/9 nonsense\r\n\r\n"],
    ["malformed", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n"],
    ["broken_off", "HTTP/1.1 200 OK\r\ncontent-le"],
    ["broken_off", "H"],
    ["unreachable", ""],
  ])("is `%s` when all that comes is %j", async (code, bytes) => {
    const { send } = await start((socket) => void socket.end(bytes));
    await expect(send()).rejects.toMatchObject({ name: "TransportError", code });
  });
});
