import { startUpstream, type Upstream } from "@countersign/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTransport } from "../http.ts";
import type { Outgoing, Transport } from "../port.ts";
import type { LookUp } from "./names.ts";

describe("a transport to servers by name", () => {
  let upstream: Upstream;
  let transport: Transport;
  let port = "";
  beforeEach(async () => {
    upstream = await startUpstream((request, response) => response.end(request.headers.host));
    port = new URL(upstream.origin).port;
  });
  afterEach(async () => {
    await transport.close();
    await upstream.close();
  });

  function send(host: string, outgoing: Partial<Outgoing> = {}) {
    const whole = { path: "/", method: "GET", headers: {}, body: null, timeoutMs: 10_000, isGone: () => false };
    return transport.forward({ ...whole, origin: `http://${host}:${port}`, ...outgoing });
  }

  const here = [{ address: "127.0.0.1", family: 4 } as const];
  const never = () => new Promise<never>(() => {});

  it("reaches one by the name, while others wait for names that nobody answers for", async () => {
    const lookUp: LookUp = (name) => (name.startsWith("dead") ? never() : Promise.resolve(here));
    transport = createTransport({ lookUp });
    const client = new AbortController();
    const isGone = () => client.signal.aborted;
    const dead = Array.from({ length: 20 }, (_, index) => send(`dead-${index % 8}.test`, { isGone }));
    const started = performance.now();
    const { status, body } = await send("orders.test");
    expect([status, new TextDecoder().decode(body instanceof Uint8Array ? body : undefined)]).toEqual([
      200,
      `orders.test:${port}`,
    ]);
    expect(performance.now() - started).toBeLessThan(1_000);
    client.abort();
    for (const outcome of await Promise.allSettled(dead)) {
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "aborted", isUnsent: true } });
    }
  });

  it("waits for a name that takes longer than a second", async () => {
    transport = createTransport({ lookUp: () => new Promise((resolve) => setTimeout(resolve, 1_200, here)) });
    expect((await send("slow.test")).status).toBe(200);
  });

  it("gives up in the time that a request has, and says that nothing was sent", async () => {
    transport = createTransport({ lookUp: never });
    await expect(send("dead.test", { timeoutMs: 100 })).rejects.toMatchObject({ code: "timed_out", isUnsent: true });
  });

  it("is `unreachable` for a name that does not exist", async () => {
    transport = createTransport({ lookUp: () => Promise.reject(new Error("ENOTFOUND")) });
    await expect(send("none.test")).rejects.toMatchObject({ code: "unreachable", isUnsent: true });
  });

  it("follows a name that leads elsewhere as soon as nothing is to be reached where it led", async () => {
    const answers = [[{ address: "127.0.0.9", family: 4 } as const], here];
    transport = createTransport({ lookUp: async () => answers.shift() ?? here });
    await expect(send("moved.test")).rejects.toMatchObject({ isUnsent: true });
    expect((await send("moved.test")).status).toBe(200);
  });

  it("tries each address of a name", async () => {
    const both = [{ address: "127.0.0.9", family: 4 } as const, ...here];
    transport = createTransport({ lookUp: async () => both });
    expect((await send("two.test")).status).toBe(200);
  });

  it("finds localhost as the machine does", async () => {
    transport = createTransport();
    expect((await send("localhost")).status).toBe(200);
  });
});
