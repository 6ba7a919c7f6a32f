import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type Answering, type Asked, type Served, serveAnswers } from "../serve.ts";

const running: Served[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((served) => served.stop()));
});

async function start(answering: Answering): Promise<number> {
  const served = await serveAnswers(answering, { port: 0, hostname: "127.0.0.1", drainMs: 300 });
  running.push(served);
  return served.port;
}

const answer = (body: string) => ({ status: 200, headers: new Map<string, string>(), body });

/** Sends bytes and gives all that comes back until the end. */
async function raw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let received = "";
  socket.on("data", (part) => (received += part.toString("latin1")));
  socket.write(bytes);
  await once(socket, "close");
  return received;
}

const close = "Connection: close\r\n";

describe("a request that is asked", () => {
  it("has its headers by lower-case name, each that came twice in full", async () => {
    let seen: Asked | undefined;
    const port = await start(async (asked) => {
      seen = asked;
      return answer("ok");
    });
    const headers = ["X-Mixed-Case: One", "Content-Type: text/plain", "Content-Type: text/html", "X-Twice: a, b"];
    const more = ["x-twice:   c  ", "Cookie: a=1", "Cookie: b=2", "__proto__: x", "Constructor: y"];
    await raw(port, `GET /a?b HTTP/1.1\r\nHost: a.test\r\n${close}${[...headers, ...more].join("\r\n")}\r\n\r\n`);
    expect([seen?.method, seen?.target, seen?.address]).toEqual(["GET", "/a?b", "127.0.0.1"]);
    expect(
      Object.fromEntries([...(seen?.headers ?? [])].filter(([name]) => !/^(host|connection)$/.test(name))),
    ).toEqual(
      Object.fromEntries([
        ["x-mixed-case", "One"],
        ["content-type", "text/plain, text/html"],
        ["x-twice", "a, b, c"],
        ["cookie", "a=1; b=2"],
        ["__proto__", "x"],
        ["constructor", "y"],
      ]),
    );
  });

  it.each(["Content-Length: 5\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"])(
    "has its body whole and as a stream: %j",
    async (body) => {
      const port = await start(async ({ target, bytes, stream }) =>
        answer(target === "/whole" ? new TextDecoder().decode(await bytes()) : await new Response(stream()).text()),
      );
      for (const target of ["/whole", "/stream"]) {
        expect(await raw(port, `POST ${target} HTTP/1.1\r\nHost: a.test\r\n${close}${body}`)).toContain(
          "\r\n\r\nhello",
        );
      }
    },
  );

  it("without a body has none", async () => {
    const port = await start(async ({ stream }) => answer(stream() === null ? "none" : "some"));
    expect(await raw(port, `GET / HTTP/1.1\r\nHost: a.test\r\n${close}\r\n`)).toContain("\r\n\r\nnone");
  });

  it.each(["a.test, b.test", "a@b", "a/b", "a b", ""])("for the host %j is for nobody", async (host) => {
    const port = await start(async () => answer("reached"));
    expect(await raw(port, `GET / HTTP/1.1\r\nHost: ${host}\r\n${close}\r\n`)).toMatch(/^(HTTP\/1\.1 400|$)/);
  });

  it("tells when its client has gone, and not when it was answered", async () => {
    const seen = new Map<string, Asked>();
    const port = await start(async (asked) => {
      seen.set(asked.target, asked);
      return asked.target === "/answered" ? answer("ok") : await new Promise<never>(() => {});
    });
    const isGone = (target: string) => seen.get(target)?.isGone();
    await raw(port, `GET /answered HTTP/1.1\r\nHost: a.test\r\n${close}\r\n`);
    const socket = connect(port, "127.0.0.1");
    socket.write("GET /left HTTP/1.1\r\nHost: a.test\r\n\r\n");
    await expect.poll(() => isGone("/left")).toBe(false);
    socket.destroy();
    await expect.poll(() => isGone("/left"), { timeout: 3_000 }).toBe(true);
    expect(isGone("/answered")).toBe(false);
  });
});

describe("an answer", () => {
  it("goes out with its headers, cookies and length", async () => {
    const headers = new Map([["x-a", "1"]]);
    const port = await start(async () => ({ status: 201, headers, cookies: ["a=1", "b=2"], body: "höllo" }));
    const got = await fetch(`http://127.0.0.1:${port}`);
    expect([got.status, got.headers.get("x-a"), got.headers.getSetCookie(), got.headers.get("content-length")]).toEqual(
      [201, "1", ["a=1", "b=2"], "6"],
    );
    expect(await got.text()).toBe("höllo");
  });

  it("of bytes is these bytes", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, value) => value);
    const port = await start(async () => ({ status: 200, headers: new Map<string, string>(), body: bytes }));
    expect(new Uint8Array(await (await fetch(`http://127.0.0.1:${port}`)).arrayBuffer())).toEqual(bytes);
  });

  it("whose stream fails is shown as broken", async () => {
    const body = () =>
      new ReadableStream<Uint8Array>({
        pull(controller) {
          controller.enqueue(new TextEncoder().encode("half"));
          controller.error(new Error("broken"));
        },
      });
    const port = await start(async () => ({ status: 200, headers: new Map<string, string>(), body: body() }));
    await expect(fetch(`http://127.0.0.1:${port}`).then((got) => got.text())).rejects.toBeInstanceOf(Error);
  });

  it("that could not be made is a bare 500", async () => {
    const port = await start(() => Promise.reject(new Error("secret detail")));
    const got = await fetch(`http://127.0.0.1:${port}`);
    expect([got.status, await got.text()]).toEqual([500, ""]);
  });

  it("to a HEAD says no length that it does not know", async () => {
    const port = await start(async () => ({ status: 200, headers: new Map<string, string>(), body: null }));
    expect(await raw(port, `HEAD / HTTP/1.1\r\nHost: a.test\r\n${close}\r\n`)).toMatch(/^HTTP\/1\.1 200/);
  });
});
