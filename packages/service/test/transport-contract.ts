import type { IncomingMessage, ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { startUpstream, type Upstream, until } from "@countersign/testing";
import { afterEach, describe, expect, it } from "vitest";
import type { Incoming, Outgoing, Transport } from "../src/transport/port.ts";

/** What every transport holds to, run over real sockets. */
export function runTransportContract(name: string, create: () => Transport): void {
  describe(`${name} transport`, () => {
    const open: (() => Promise<void>)[] = [];
    afterEach(async () => {
      for (const close of open.splice(0).toReversed()) await close();
    });

    async function start(handle: (request: IncomingMessage, response: ServerResponse) => void) {
      const upstream = await startUpstream(handle);
      const transport = create();
      open.push(
        () => upstream.close(),
        () => transport.close(),
      );
      const send = (outgoing: Partial<Outgoing> = {}) => transport.forward(toOutgoing(upstream, outgoing));
      return { upstream, send };
    }

    it("passes the request and the answer as they are", async () => {
      const seen: { method?: string; url?: string; header?: unknown; body: string } = { body: "" };
      const { send } = await start((request, response) => {
        Object.assign(seen, { method: request.method, url: request.url, header: request.headers["x-test"] });
        request.on("data", (chunk) => (seen.body += chunk));
        request.on("end", () => {
          response.writeHead(418, { "set-cookie": ["a=1", "b=2"], "x-answer": "yes" });
          response.end("a teapot");
        });
      });
      const path = "/trpc/list,get?batch=1&input=%7B%22a%22%3A1%7D";
      const answer = await send({
        method: "POST",
        path,
        headers: { "x-test": "1" },
        body: new TextEncoder().encode("hello"),
      });
      expect(seen).toEqual({ method: "POST", url: path, header: "1", body: "hello" });
      expect([answer.status, headersOf(answer).get("x-answer"), headersOf(answer).getSetCookie()]).toEqual([
        418,
        "yes",
        ["a=1", "b=2"],
      ]);
      expect(await textOf(answer)).toBe("a teapot");
    });

    it("shows each part of an answer as it comes", async () => {
      let finish: (() => void) | undefined;
      const { send } = await start((_request, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write("data: 1\n\n");
        finish = () => response.end("data: 2\n\n");
      });
      const { body } = await send();
      const reader = streamOf(body).getReader();
      expect(decode((await reader.read()).value)).toBe("data: 1\n\n");
      finish?.();
      expect(decode((await reader.read()).value)).toBe("data: 2\n\n");
      expect((await reader.read()).done).toBe(true);
    });

    it("sends each part of a body as it comes", async () => {
      let received = "";
      const { send } = await start((request, response) => {
        request.on("data", (chunk) => (received += chunk));
        request.on("end", () => response.end(received));
      });
      let next: ReadableStreamDefaultController<Uint8Array> | undefined;
      const body = new ReadableStream<Uint8Array>({ start: (controller) => void (next = controller) });
      const answer = send({ method: "POST", body });
      next?.enqueue(new TextEncoder().encode("first "));
      await until(() => received === "first ");
      next?.enqueue(new TextEncoder().encode("second"));
      next?.close();
      expect(await textOf(await answer)).toBe("first second");
    });

    it("follows no redirect", async () => {
      const { send } = await start((_request, response) => {
        response.writeHead(302, { location: "/elsewhere" });
        response.end();
      });
      const answer = await send();
      expect([answer.status, headersOf(answer).get("location")]).toEqual([302, "/elsewhere"]);
    });

    it("asks for no encoding that the client did not ask for, and decodes none", async () => {
      const zipped = gzipSync("hello");
      const asked: unknown[] = [];
      const { send } = await start((request, response) => {
        asked.push(request.headers["accept-encoding"]);
        response.writeHead(200, { "content-encoding": "gzip" });
        response.end(zipped);
      });
      expect(await bytesOf(await send({ headers: { "accept-encoding": "gzip" } }))).toEqual(Uint8Array.from(zipped));
      await bytesOf(await send());
      expect(asked[0]).toBe("gzip");
      expect(asked[1] ?? "identity").toBe("identity");
    });

    it("takes an answer to HEAD, and one without a body", async () => {
      const { send } = await start((request, response) => {
        response.writeHead(
          request.method === "HEAD" ? 200 : 204,
          request.method === "HEAD" ? { "content-length": "5" } : {},
        );
        response.end();
      });
      expect((await send({ method: "HEAD" })).status).toBe(200);
      expect((await send()).status).toBe(204);
    });

    it("is `unreachable` when nothing listens", async () => {
      const { upstream, send } = await start(() => {});
      await upstream.close();
      await expect(send()).rejects.toMatchObject({ name: "TransportError", code: "unreachable" });
    });

    it("is `unreachable` when the service hangs up without a word", async () => {
      const { send } = await start((request) => void request.socket.destroy());
      await expect(send({ method: "POST", body: new Uint8Array(3) })).rejects.toMatchObject({ code: "unreachable" });
    });

    it("is `broken_off` when the service breaks off a short answer", async () => {
      const { send } = await start((_request, response) => {
        response.writeHead(200, { "content-length": "5" });
        response.write("ab", () => response.destroy());
      });
      await expect(send()).rejects.toMatchObject({ name: "TransportError", code: "broken_off" });
    });

    it("is `timed_out` when the service does not answer in time", async () => {
      const { send } = await start(() => {});
      await expect(send({ timeoutMs: 50 })).rejects.toMatchObject({ code: "timed_out" });
    });

    it("ends at the service what the client has left, before the answer", async () => {
      let closed = false;
      let reached = false;
      const { send } = await start((request) => {
        reached = true;
        request.on("close", () => (closed = true));
      });
      const client = new AbortController();
      const [outcome] = await Promise.allSettled([
        send({ isGone: () => client.signal.aborted }),
        until(() => reached).then(() => client.abort()),
      ]);
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "aborted" } });
      await until(() => closed);
    });

    it("does not begin what the client has left already", async () => {
      let reached = false;
      const { send } = await start((_request, response) => {
        reached = true;
        response.end();
      });
      await expect(send({ isGone: () => true })).rejects.toMatchObject({ code: "aborted" });
      expect(reached).toBe(false);
    });

    it.each(["cancels the answer", "aborts"])(
      "ends at the service what the client has left in the middle: it %s",
      async (how) => {
        let closed = false;
        const { send } = await start((request, response) => {
          response.writeHead(200, { "content-type": "text/event-stream" });
          response.write("data: 1\n\n");
          request.on("close", () => (closed = true));
        });
        const client = new AbortController();
        const reader = streamOf((await send({ isGone: () => client.signal.aborted })).body).getReader();
        await reader.read();
        if (how === "aborts") client.abort();
        else await reader.cancel();
        await until(() => closed);
        expect(closed).toBe(true);
      },
    );

    it.each<[string, Record<string, string>]>([
      ["announced length", { "content-length": "1000000" }],
      ["short announced length", { "content-length": "1000" }],
      ["unknown length", {}],
    ])("never shows a broken answer of %s as a whole one", async (_what, headers) => {
      const { send } = await start((_request, response) => {
        response.writeHead(200, headers);
        response.write("half");
        setTimeout(() => response.destroy(), 20);
      });
      await expect(send().then(textOf)).rejects.toBeInstanceOf(Error);
    });

    it("never shows a broken request as a whole one", async () => {
      let ended = false;
      let aborted = false;
      const { send } = await start((request) => {
        request.on("end", () => (ended = true));
        request.on("error", () => (aborted = true));
        request.resume();
      });
      let pulls = 0;
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          pulls += 1;
          if (pulls < 3) return controller.enqueue(new Uint8Array(100_000));
          await new Promise((resolve) => setTimeout(resolve, 20));
          controller.error(new Error("the client broke off"));
        },
      });
      await expect(send({ method: "POST", body })).rejects.toMatchObject({ name: "TransportError" });
      await until(() => aborted);
      expect(ended).toBe(false);
    });

    it("does not read an answer faster than the client does", async () => {
      let written = 0;
      const { send } = await start((_request, response) => {
        const chunk = Buffer.alloc(256 * 1024);
        const pump = () => {
          if (written >= 512 * 1024 * 1024) return;
          written += chunk.length;
          if (response.write(chunk)) setImmediate(pump);
          else response.once("drain", pump);
        };
        pump();
      });
      const reader = streamOf((await send()).body).getReader();
      await reader.read();
      for (let before = -1; before !== written; ) {
        before = written;
        await new Promise((resolve) => setTimeout(resolve, 150));
      }
      expect(written).toBeLessThan(256 * 1024 * 1024);
      await reader.cancel();
    });

    it("gives a slow reader every byte and no empty part", async () => {
      const size = 8 * 1024 * 1024;
      const { send } = await start((_request, response) => {
        response.writeHead(200);
        for (let sent = 0; sent < size; sent += 65_536) response.write(Buffer.alloc(65_536));
        response.end();
      });
      let received = 0;
      let empty = 0;
      let parts = 0;
      for await (const chunk of streamOf((await send()).body)) {
        received += chunk.length;
        if (chunk.length === 0) empty += 1;
        parts += 1;
        if (parts % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      }
      expect([received, empty]).toEqual([size, 0]);
    });

    it("keeps fifty requests at once apart", async () => {
      const { send } = await start((request, response) => {
        setTimeout(() => response.end(request.url), 5);
      });
      const paths = Array.from({ length: 50 }, (_, index) => `/trpc/${index}`);
      expect(await Promise.all(paths.map(async (path) => textOf(await send({ path }))))).toEqual(paths);
    });
  });
}

function toOutgoing({ origin }: Upstream, outgoing: Partial<Outgoing>): Outgoing {
  const whole = { path: "/trpc/list", method: "GET", headers: {}, body: null, timeoutMs: 5_000 };
  return { origin, ...whole, isGone: () => false, ...outgoing };
}

function streamOf(body: Incoming["body"]): ReadableStream<Uint8Array> {
  if (body instanceof ReadableStream) return body;
  throw new Error("the body is no stream");
}

function headersOf({ headers, cookies }: Incoming): Headers {
  const all = new Headers();
  for (const [name, value] of headers) all.append(name, value);
  for (const cookie of cookies) all.append("set-cookie", cookie);
  return all;
}

async function bytesOf({ body }: Incoming): Promise<Uint8Array> {
  return new Uint8Array(await new Response(body).arrayBuffer());
}

async function textOf({ body }: Incoming): Promise<string> {
  return new Response(body).text();
}

function decode(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}
