import { connect } from "node:net";
import { createMemoryStore } from "@countersign/service";
import { afterEach, describe, expect, it } from "vitest";
import { type ServedGateway, serveGateway } from "./served.ts";
import { startWebSocketServer, type WebSocketServer } from "./websocket-server.ts";

const isBun = "Bun" in globalThis;
const origin = "http://localhost:4000";
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

type Options = Parameters<typeof serveGateway>[0];

async function start(options: Options = {}): Promise<{ gateway: ServedGateway; app: WebSocketServer }> {
  const app = await startWebSocketServer();
  const gateway = await serveGateway({ web: app.origin, ...options });
  closing.push(
    () => app.close(),
    () => gateway.close(),
  );
  return { gateway, app };
}

/** The runtimes' own client takes headers, which browsers set by themselves. */
type Client = new (url: string, options: { headers: Record<string, string>; protocols?: string[] }) => WebSocket;

/** A client, what it was sent, and how it ended. */
function openClient(
  gateway: ServedGateway,
  path: string,
  headers: Record<string, string> = { origin },
  protocols = ["v1"],
) {
  const url = `ws://127.0.0.1:${gateway.port}${path}`;
  const socket = new (WebSocket as unknown as Client)(url, { headers, protocols }); // the global type knows no headers
  const client = { socket, messages: [] as string[], isOpen: false, isClosed: false };
  socket.addEventListener("open", () => (client.isOpen = true));
  socket.addEventListener("message", ({ data }) => void client.messages.push(String(data)));
  socket.addEventListener("close", () => (client.isClosed = true));
  socket.addEventListener("error", () => undefined);
  return client;
}

describe("a WebSocket of the web app", () => {
  it("is joined to the app, with its own cookies and no credential of ours", async () => {
    const { gateway, app } = await start();
    const cookie = "sid=1; auth_token=abc.def.ghi; refresh_token=s.1.m; session_hint=0a.1.2";
    const client = openClient(gateway, "/hmr?token=1", {
      origin,
      cookie,
      authorization: "Bearer abc.def.ghi",
      "x-user-id": "a",
    });
    await expect.poll(() => client.messages).toEqual(["hello"]);
    for (const text of ["first", "second"]) client.socket.send(text);
    await expect.poll(() => client.messages).toEqual(["hello", "first", "second"]);
    expect(app.asked[0]?.url).toBe("/hmr?token=1");
    expect(app.asked[0]?.headers).toMatchObject({ cookie: "sid=1", "x-forwarded-host": "localhost:4000" });
    expect(app.asked[0]?.headers).not.toHaveProperty("authorization");
    expect(app.asked[0]?.headers).not.toHaveProperty("x-user-id");
    expect(client.socket.protocol).toBe("v1");
    client.socket.close();
    await expect.poll(() => app.open.size).toBe(0);
  });

  it("ends at the client when the app ends it, and with the gateway", async () => {
    const { gateway, app } = await start();
    const [first, second] = [openClient(gateway, "/a"), openClient(gateway, "/b")];
    await expect.poll(() => [first.isOpen, second.isOpen]).toEqual([true, true]);
    const [socket] = app.open;
    socket?.destroy();
    await expect.poll(() => Number(first.isClosed) + Number(second.isClosed)).toBe(1);
    await gateway.close();
    await expect.poll(() => [first.isClosed, second.isClosed, app.open.size]).toEqual([true, true, 0]);
  });

  it("is refused to pages of another origin", async () => {
    const { gateway, app } = await start();
    const foreign = ["https://evil.example", "null", "http://localhost:4001", "https://localhost:4000"];
    const clients = foreign.map((page) => openClient(gateway, "/hmr", { origin: page, cookie: "sid=1" }));
    await expect.poll(() => clients.every(({ isClosed }) => isClosed)).toBe(true);
    expect([clients.some(({ isOpen }) => isOpen), app.asked]).toEqual([false, []]);
  });

  it("is open to pages of an allowed origin, and to clients that are no browsers", async () => {
    const { gateway } = await start({ allowedOrigins: ["https://admin.example.com"] });
    const clients = [
      openClient(gateway, "/", { origin: "https://admin.example.com" }),
      openClient(gateway, "/x.js", {}),
    ];
    await expect.poll(() => clients.map(({ messages }) => messages)).toEqual([["hello"], ["hello"]]);
  });

  it("is none at the paths of an API, where the request is answered as any other", async () => {
    const { gateway, app } = await start();
    const paths = ["/trpc/orders/list", "/auth/login", "/api/reports/x", "/health", "/.well-known/jwks.json"];
    const clients = paths.map((path) => openClient(gateway, path));
    await expect.poll(() => clients.every(({ isClosed }) => isClosed)).toBe(true);
    expect([clients.some(({ isOpen }) => isOpen), app.asked]).toEqual([false, []]);
  });

  it("counts for its address until it has ended", async () => {
    const streams = { perUser: 2, perAddress: 2 };
    const { gateway, app } = await start({ limits: { store: createMemoryStore(), sizes: new Map(), streams } });
    const [first, second] = [openClient(gateway, "/"), openClient(gateway, "/")];
    await expect.poll(() => [first.isOpen, second.isOpen]).toEqual([true, true]);
    const third = openClient(gateway, "/");
    await expect.poll(() => third.isClosed).toBe(true);
    expect([third.isOpen, app.asked.length]).toEqual([false, 2]);
    first.socket.close();
    await expect.poll(() => app.open.size).toBe(1);
    const fourth = openClient(gateway, "/");
    await expect.poll(() => fourth.isOpen).toBe(true);
  });
});

describe("the answer to a request for a WebSocket", () => {
  const key = "dGhlIHNhbXBsZSBub25jZQ==";
  const asking = (path: string, more = "") =>
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n${more}\r\n`;

  /** What comes back until the connection ends, or a greeting has come. */
  function exchange(port: number, bytes: string): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1");
      let received = "";
      const end = () => {
        socket.destroy();
        resolve(received);
      };
      socket.setTimeout(1_000, end);
      socket.on("data", (chunk) => {
        received += chunk.toString("latin1");
        if (/hello|a page/.test(received)) end();
      });
      socket.on("close", end);
      socket.on("error", end);
      socket.write(bytes, "latin1");
    });
  }

  it("is the app's own, without cookies of our names", async () => {
    const { gateway } = await start();
    const received = await exchange(gateway.port, asking("/"));
    expect(received).toMatch(/^HTTP\/1\.1 101 /);
    expect(received).toMatch(/^sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r$/im);
    expect(received).not.toContain("auth_token");
  });

  it("is the app's refusal where it refuses, and 502 where its 101 is none", async (context) => {
    if (isBun) context.skip("Bun's client does not tell which answer came: there both are 503");
    const { gateway } = await start();
    expect(await exchange(gateway.port, asking("/refused"))).toMatch(/^HTTP\/1\.1 403 /);
    expect(await exchange(gateway.port, asking("/wrong"))).toMatch(/^HTTP\/1\.1 502 /);
  });

  it("is that of any other request where it has a body, asks for another protocol, or has no key", async () => {
    const { gateway, app } = await start();
    const withBody = `${asking("/", "Content-Length: 2\r\n")}hi`;
    const others = [
      withBody,
      asking("/").replace("websocket", "h2c"),
      asking("/").replace(/Sec-WebSocket-Key.*\r\n/, ""),
    ];
    for (const bytes of others) expect(await exchange(gateway.port, bytes)).toContain("a page");
    expect(app.asked).toEqual([]);
  });
});
