import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { startUpstream, until } from "@countersign/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fetchOver } from "./fetch-over.ts";
import { createTransport } from "./http.ts";

type Seen = { method: string | undefined; url: string | undefined; headers: IncomingHttpHeaders; body: string };

const closing: (() => Promise<void>)[] = [];
let fetch: ReturnType<typeof fetchOver>;
beforeEach(() => {
  const transport = createTransport();
  closing.push(() => transport.close());
  fetch = fetchOver(transport);
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** A server that notes what it is asked, and answers like this. */
async function start(answer: (response: ServerResponse) => void) {
  const seen: Seen[] = [];
  const upstream = await startUpstream((request, response) => {
    let body = "";
    request.on("data", (part) => (body += part));
    request.on("end", () => {
      seen.push({ method: request.method, url: request.url, headers: request.headers, body });
      answer(response);
    });
  });
  closing.push(() => upstream.close());
  return { origin: upstream.origin, seen };
}

const ok = (response: ServerResponse): unknown => response.writeHead(200, { "x-a": "1" }).end('{"ok":true}');

describe("a request by fetchOver", () => {
  it.each<[string, RequestInit | undefined, Partial<Seen>]>([
    ["a GET", undefined, { method: "GET", body: "" }],
    ["a string", { method: "POST", body: "höllo" }, { method: "POST", body: "höllo" }],
    ["bytes", { method: "POST", body: new Uint8Array([104, 105]) }, { method: "POST", body: "hi" }],
    ["a stream", { method: "POST", body: new Response("flow").body }, { method: "POST", body: "flow" }],
    ["a POST of nothing", { method: "POST" }, { method: "POST", body: "" }],
  ])("carries %s, its path and its query", async (_what, init, expected) => {
    const { origin, seen } = await start(ok);
    const answer = await fetch(new URL("/trpc/list?batch=1&input=%7B%7D", origin), init);
    expect([answer.status, answer.headers.get("x-a"), await answer.json()]).toEqual([200, "1", { ok: true }]);
    expect(seen).toEqual([expect.objectContaining({ ...expected, url: "/trpc/list?batch=1&input=%7B%7D" })]);
  });

  it("says what its body is, unless it was told, and how long it is", async () => {
    const { origin, seen } = await start(ok);
    const form = new URLSearchParams({ a: "1 2", b: "&" });
    await fetch(origin, { method: "POST", body: form });
    await fetch(origin, { method: "POST", body: "{}", headers: { "Content-Type": "application/json" } });
    await fetch(origin, { method: "POST" });
    expect(seen.map(({ headers, body }) => [headers["content-type"], headers["content-length"], body])).toEqual([
      ["application/x-www-form-urlencoded;charset=UTF-8", "11", "a=1+2&b=%26"],
      ["application/json", "2", "{}"],
      [undefined, "0", ""],
    ]);
  });

  it.each<[string, RequestInit["headers"]]>([
    ["an object", { "X-One": " 1 ", authorization: "Bearer a" }],
    [
      "pairs",
      [
        ["X-One", "1"],
        ["authorization", "Bearer a"],
      ],
    ],
    ["Headers", new Headers({ "X-One": "1", authorization: "Bearer a" })],
  ])("has its headers from %s, and no say in what is the connection's", async (_what, given) => {
    const { origin, seen } = await start(ok);
    const headers = new Headers(given);
    for (const name of ["host", "connection", "content-length", "transfer-encoding"]) headers.set(name, "7");
    await fetch(origin, { method: "POST", body: "four", headers });
    expect(seen).toEqual([expect.objectContaining({ body: "four" })]);
    expect(seen[0]?.headers).toMatchObject({ "x-one": "1", authorization: "Bearer a", "content-length": "4" });
    expect(seen[0]?.headers.host).toBe(new URL(origin).host);
  });

  it("cannot be made to hold another header or another request", async () => {
    const { origin, seen } = await start(ok);
    await expect(fetch(origin, { headers: { a: "1\r\nx-b: 2" } })).rejects.toBeInstanceOf(TypeError);
    await expect(fetch(origin, { method: "GET / HTTP/1.1\r\n\r\nPOST" })).rejects.toBeInstanceOf(TypeError);
    expect(seen).toEqual([]);
  });

  it("that would carry what services do not send is refused", async () => {
    const { origin, seen } = await start(ok);
    await expect(fetch(origin, { method: "POST", body: new FormData() })).rejects.toBeInstanceOf(TypeError);
    expect(seen).toEqual([]);
  });

  it("may come as a Request", async () => {
    const { origin, seen } = await start(ok);
    await fetch(new Request(`${origin}/a`, { method: "PUT", body: "b", headers: { "x-c": "d" } }));
    expect(seen).toEqual([expect.objectContaining({ method: "PUT", url: "/a", body: "b" })]);
    expect(seen[0]?.headers["x-c"]).toBe("d");
  });
});

describe("an answer to fetchOver", () => {
  it.each([301, 302, 303, 307, 308])("that leads elsewhere is refused: %s", async (status) => {
    const { origin, seen } = await start((response) => response.writeHead(status, { location: "/there" }).end("x"));
    await expect(fetch(origin)).rejects.toBeInstanceOf(TypeError);
    expect(seen).toHaveLength(1);
  });

  it.each([204, 304])("may have no body: %s", async (status) => {
    const { origin } = await start((response) => response.writeHead(status).end());
    const answer = await fetch(origin);
    expect([answer.status, answer.body]).toEqual([status, null]);
  });

  it.each<[string, RequestInit]>([
    ["with a signal", { signal: new AbortController().signal }],
    ["without one", {}],
  ])("is given as it comes, and ends at its service when nobody reads on: %s", async (_what, init) => {
    let isLeft = false;
    const { origin } = await start((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("data: 1\n\n");
      response.on("close", () => (isLeft = true));
    });
    const reader = (await fetch(origin, init)).body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("data: 1\n\n");
    await reader?.cancel();
    await until(() => isLeft);
    expect(isLeft).toBe(true);
  });

  it("is not waited for any more when the signal says so: its reason is the error, and the service is left", async () => {
    let [isAsked, isLeft] = [false, false];
    const { origin } = await start((response) => {
      isAsked = true;
      response.on("close", () => (isLeft = true));
    });
    const leaving = new AbortController();
    const [outcome] = await Promise.allSettled([
      fetch(origin, { signal: leaving.signal }),
      until(() => isAsked).then(() => leaving.abort(new Error("enough"))),
    ]);
    expect(outcome).toMatchObject({ status: "rejected", reason: { message: "enough" } });
    await until(() => isLeft);
    await expect(fetch(origin, { signal: AbortSignal.abort(new Error("before")) })).rejects.toThrow("before");
  });

  it("that is cut off by the signal in its middle is no whole one", async () => {
    const { origin } = await start((response) => {
      response.writeHead(200);
      response.write("half");
    });
    const leaving = new AbortController();
    const answer = await fetch(origin, { signal: leaving.signal });
    const read = answer.text();
    leaving.abort(new Error("enough"));
    await expect(read).rejects.toThrow("enough");
  });

  it("that is none is a TypeError, which tells what certainly was not sent", async () => {
    const gone = await startUpstream(() => undefined);
    await gone.close();
    await expect(fetch(gone.origin)).rejects.toMatchObject({ name: "TypeError", cause: { isUnsent: true } });
    const { origin } = await start((response) => response.destroy());
    await expect(fetch(origin)).rejects.toMatchObject({ name: "TypeError", cause: { isUnsent: false } });
  });
});
