import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout } from "node:timers/promises";
import { createTransport, toFetch } from "@countersign/service";
import { silentLog, startUpstream, type Upstream, until } from "@countersign/testing";
import { afterEach, describe, expect, it } from "vitest";
import { createApp } from "../src/app.ts";
import { originsOf } from "./harness.ts";

type Handle = (request: IncomingMessage, response: ServerResponse) => void;
type Instance = Upstream & { readonly name: string; readonly asked: string[] };

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

/** An instance of orders that says its name, and is ready. `handle` answers in its place when it wants to. */
async function startInstance(name: string, handle: (...args: Parameters<Handle>) => boolean = () => false) {
  const asked: string[] = [];
  const upstream = await startUpstream((request, response) => {
    if (request.url !== "/health/ready") asked.push(`${request.method} ${request.url}`);
    if (!handle(request, response)) response.end(name);
  });
  let isClosed = false;
  const instance: Instance = {
    ...upstream,
    name,
    asked,
    async close() {
      if (!isClosed) await upstream.close();
      isClosed = true;
    },
  };
  open.push(() => instance.close());
  return instance;
}

/** A gateway with its own transport before these instances of orders. */
function gatewayBefore(origins: readonly string[], upstreamTimeoutMs = 2_000) {
  const transport = createTransport();
  open.push(() => transport.close());
  const { forward } = transport;
  const app = createApp({
    upstreams: { ...originsOf(() => "http://127.0.0.1:1"), orders: origins },
    publicOrigin: "http://localhost:4000",
    forward,
    upstreamTimeoutMs,
    log: silentLog,
    now: Date.now,
  });
  return async (method: "GET" | "POST" = "GET") => {
    const path = `http://localhost:4000/trpc/orders/${method === "GET" ? "list" : "place"}`;
    const init = method === "GET" ? {} : { method, body: "{}", headers: { "content-length": "2" } };
    const response = await toFetch(app)(new Request(path, init), { address: "192.0.2.7" });
    return { status: response.status, by: await response.text() };
  };
}

async function times<T>(count: number, ask: () => Promise<T>): Promise<T[]> {
  const answers: T[] = [];
  for (let turn = 0; turn < count; turn += 1) answers.push(await ask());
  return answers;
}

const by = (answers: readonly { by: string }[]) => new Set(answers.map((answer) => answer.by));

describe("several instances of a service", () => {
  it("take turns", async () => {
    const ask = gatewayBefore([(await startInstance("a")).origin, (await startInstance("b")).origin]);
    const answers = (await times(20, ask)).map((answer) => answer.by);
    expect([answers.filter((name) => name === "a").length, answers.filter((name) => name === "b").length]).toEqual([
      10, 10,
    ]);
  });

  it("get the next request where the fewest wait", async () => {
    const held: ServerResponse[] = [];
    const slow = await startInstance("slow", (request, response) => {
      if (request.url === "/health/ready") return false;
      held.push(response);
      return true;
    });
    const ask = gatewayBefore([slow.origin, (await startInstance("quick")).origin]);
    const first = [ask(), ask()];
    await until(() => held.length === 1);
    expect(by(await times(10, ask))).toEqual(new Set(["quick"]));
    for (const response of held) response.end("slow");
    await Promise.all(first);
  });
});

describe("an instance that dies", () => {
  it("costs no request that was not sent to it, of any method, and is asked no more", async () => {
    const [a, b] = [await startInstance("a"), await startInstance("b")];
    const ask = gatewayBefore([a.origin, b.origin]);
    await times(4, ask);
    await a.close();
    const answers = [...(await times(10, () => ask("GET"))), ...(await times(10, () => ask("POST")))];
    expect([by(answers), new Set(answers.map(({ status }) => status))]).toEqual([new Set(["b"]), new Set([200])]);
  });

  it("in the middle of a request costs none that changes nothing", async () => {
    const dying = await startInstance("dying", (request) => {
      if (request.url === "/health/ready") return false;
      request.socket.destroy();
      return true;
    });
    const well = await startInstance("well");
    const ask = gatewayBefore([dying.origin, well.origin]);
    const answers = await times(6, ask);
    expect([by(answers), dying.asked.length > 0]).toEqual([new Set(["well"]), true]);
  });

  it("in the middle of a request that may have changed something is not replaced by another: it is asked once", async () => {
    const dying = await startInstance("dying", (request) => {
      if (request.url === "/health/ready") return false;
      request.socket.destroy();
      return true;
    });
    const second = await startInstance("dying too", (request) => {
      if (request.url === "/health/ready") return false;
      request.socket.destroy();
      return true;
    });
    const ask = gatewayBefore([dying.origin, second.origin]);
    expect((await ask("POST")).status).toBe(503);
    expect([...dying.asked, ...second.asked]).toEqual(["POST /trpc/place"]);
  });

  it("or hangs is left out within a second, and asked again once it is back", { timeout: 30_000 }, async () => {
    let isHanging = false;
    const held: ServerResponse[] = [];
    const a = await startInstance("a", (_request, response) => {
      if (isHanging) held.push(response);
      return isHanging;
    });
    const ask = gatewayBefore([a.origin, (await startInstance("b")).origin]);
    await times(4, ask);
    isHanging = true;
    // Requests one after another, each left alone when it is not answered at once; not so many that they reach a limit
    for (const end = Date.now() + 1_200; Date.now() < end; await setTimeout(5))
      await Promise.race([ask(), setTimeout(50)]);
    await expect.poll(async () => by(await times(20, ask)), { timeout: 10_000 }).toEqual(new Set(["b"]));
    isHanging = false;
    for (const response of held) response.end("late");
    const back = async () => by(await times(4, ask)).has("a");
    await expect.poll(back, { timeout: 10_000 }).toBe(true);
  });

  describe("while a request waits for its answer", () => {
    /** Two instances, the first of which answers nothing from now on, its readiness least of all. */
    async function withHanging(onHeld: (response: ServerResponse) => void = () => undefined) {
      let isHanging = false;
      const hanging = await startInstance("hanging", (_request, response) => {
        if (isHanging) onHeld(response);
        return isHanging;
      });
      const well = await startInstance("well");
      const ask = gatewayBefore([hanging.origin, well.origin], 20_000);
      await times(4, ask);
      hanging.asked.length = 0;
      isHanging = true;
      return { ask, hanging, well };
    }
    /** Asks until one request has gone to the instance that hangs, and gives that one. */
    async function caught(
      ask: (method: "GET" | "POST") => Promise<unknown>,
      hanging: Instance,
      method: "GET" | "POST",
    ) {
      for (;;) {
        const answer = ask(method);
        await Promise.race([answer, setTimeout(100)]);
        if (hanging.asked.length > 0) return answer;
      }
    }

    it("is left, and another one answers, though nobody else asks for anything", { timeout: 20_000 }, async () => {
      const { ask, hanging } = await withHanging();
      const answer = caught(ask, hanging, "GET");
      expect(await Promise.race([answer, setTimeout(5_000, "still waiting")])).toEqual({ status: 200, by: "well" });
    });

    it("keeps what may have changed something: it is asked once", { timeout: 20_000 }, async () => {
      const { ask, hanging, well } = await withHanging();
      const before = well.asked.length;
      const answer = caught(ask, hanging, "POST");
      expect(await Promise.race([answer, setTimeout(3_000, "still waiting")])).toBe("still waiting");
      expect(hanging.asked).toEqual(["POST /trpc/place"]);
      expect(well.asked.slice(before).filter((asked) => asked.startsWith("POST")).length).toBeLessThan(2);
    });

    it("keeps an answer that has begun", { timeout: 20_000 }, async () => {
      const begun: ServerResponse[] = [];
      const { ask, hanging } = await withHanging((response) => {
        if (response.req.url === "/health/ready") return;
        response.write("begun, ");
        begun.push(response);
      });
      const answer = caught(ask, hanging, "GET");
      await setTimeout(3_000);
      for (const response of begun) response.end("done");
      expect(await answer).toEqual({ status: 200, by: "begun, done" });
    });
  });

  it("as the last one leaves a 503, and the service is back as soon as one of them is", async () => {
    const [a, b] = [await startInstance("a"), await startInstance("b")];
    const ask = gatewayBefore([a.origin, b.origin]);
    await a.close();
    await b.close();
    expect((await ask()).status).toBe(503);
    const again = await startUpstream((_request, response) => response.end("again"), a.port);
    open.push(() => again.close());
    expect(await ask()).toEqual({ status: 200, by: "again" });
  });
});

it("an instance that says that it is not ready gets nothing while another one is", async () => {
  const starting = await startInstance("starting", (request, response) => {
    if (request.url === "/health/ready") response.statusCode = 503;
    return false;
  });
  const ask = gatewayBefore([starting.origin, (await startInstance("ready")).origin]);
  await ask();
  await expect.poll(async () => by(await times(6, ask))).toEqual(new Set(["ready"]));
});
