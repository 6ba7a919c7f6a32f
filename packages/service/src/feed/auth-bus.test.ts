import { createServiceStreams, type ServiceCall, ServiceCallError } from "@countersign/client/service";
import { publicProcedure, router } from "@countersign/context";
import { BusError, createInProcessBus, type EventBus } from "@countersign/events";
import { runBusContract } from "@countersign/events/contract";
import { createCable, createTestChassis, createTestIssuer, silentLog } from "@countersign/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createServiceApp } from "../create-service-app.ts";
import { denialTopic } from "../denials/denial-report.ts";
import { serve } from "../serve.ts";
import { createAuthBus } from "./auth-bus.ts";
import { streamTopic } from "./stream-topic.ts";

const retentionMs = 60_000;
const tokens = { tokenFor: async () => "t", drop: () => undefined };
/** The topics of the contract, each by a subscription of its name. */
const topics = [
  "a",
  "a.b",
  "busy",
  "history",
  "once",
  "once.more",
  "orders.placed",
  "silence",
  "stream",
  "values",
  "work",
];
const pathOf = (topic: string) => `follow_${topic.replace(".", "_")}`;
const paths = Object.fromEntries(topics.map((topic) => [topic, pathOf(topic)]));

let issuer: Awaited<ReturnType<typeof createTestIssuer>>;
beforeAll(async () => {
  issuer = await createTestIssuer();
});

type Feeding = { readonly stands?: () => Promise<boolean>; readonly lifeMs?: number };

/** A server that streams the topics of a bus to anyone, with beats at a quick pace. */
async function feed(bus: EventBus, { stands = async () => true, lifeMs = 60_000 }: Feeding = {}) {
  const input = z.object({ lastEventId: z.string().optional() }).optional();
  const follow = (topic: string) =>
    publicProcedure
      .input(input)
      .subscription(({ input: given, signal = new AbortController().signal }) =>
        streamTopic(bus, topic, { after: given?.lastEventId, signal, stands, lifeMs, beatMs: 50 }),
      );
  const procedures = router(Object.fromEntries(topics.map((topic) => [pathOf(topic), follow(topic)])));
  const app = createServiceApp(createTestChassis("auth", { issuer }), procedures);
  return serve(app.fetch, { port: 0, hostname: "127.0.0.1", drainMs: 0, log: silentLog });
}

function connect(port: number, errors: BusError[] = [], silenceMs = 5_000): EventBus {
  const fetch: typeof globalThis.fetch = (input, init) => {
    const { authorization: _none, ...headers } = Object.fromEntries(new Headers(init?.headers));
    return globalThis.fetch(input, { ...init, headers });
  };
  const origins = { auth: `http://127.0.0.1:${port}` };
  const streams = createServiceStreams({ tokens, fetch, origins, silenceMs });
  return createAuthBus({ streams, paths, onError: (error) => errors.push(error) });
}

runBusContract("the driver over auth's subscription", async () => {
  let skip = 0;
  let isCut = false;
  const errors: BusError[] = [];
  const source = createInProcessBus({ now: () => Date.now() + skip, retentionMs });
  const served = await feed(source);
  const cable = await createCable(served.port);
  const own = connect(cable.port, errors);
  /** Follows over HTTP; publishes where auth itself would. */
  const bus: EventBus = {
    publish: async (topic, event) => {
      if (isCut) throw new BusError("unavailable", "The test has cut the bus off.");
      const refused = await own.publish("work", event).catch((error: unknown) => error);
      if (refused instanceof BusError && refused.code === "closed") throw refused;
      await source.publish(topic, event);
    },
    subscribe: (topic, options) => own.subscribe(topic, options),
    close: () => own.close(),
  };
  return {
    bus,
    errors,
    second: () => source,
    outliveRetention: () => {
      skip += retentionMs + 1;
    },
    cut: async () => {
      isCut = true;
      await cable.cut();
    },
    mend: async () => {
      isCut = false;
      await cable.mend();
    },
    dispose: async () => {
      await own.close();
      await cable.close();
      await source.close();
      await served.stop();
    },
  };
});

describe("createAuthBus", () => {
  it("publishes nothing, and follows no topic that auth has no feed of", async () => {
    const bus = connect(1);
    await expect(bus.publish("work", { key: "1", data: 1 })).rejects.toMatchObject({ code: "read_only" });
    expect(() => bus.subscribe("elsewhere", { onEvent: () => undefined })).toThrow(
      expect.objectContaining({ code: "invalid_topic" }),
    );
    await bus.close();
  });

  it("reports refusals by a call of auth, and says what came of it", async () => {
    const calls: unknown[] = [];
    let failure: ServiceCallError | null = null;
    const call = async (made: ServiceCall) => {
      calls.push([made.callee, made.path, made.input]);
      if (failure !== null) throw failure;
    };
    const streams = createServiceStreams({ tokens, fetch, origins: {} });
    const bus = createAuthBus({ streams, call, onError: () => undefined });
    const report = () => bus.publish(denialTopic, { key: "1", data: { count: 1 } });
    await report();
    expect(calls).toEqual([["auth", "audit.report", { key: "1", data: { count: 1 } }]]);
    failure = new ServiceCallError("auth", "SERVICE_UNAVAILABLE");
    await expect(report()).rejects.toMatchObject({ code: "unavailable" });
    failure = new ServiceCallError("auth", "BAD_REQUEST");
    await expect(report()).rejects.toMatchObject({ code: "invalid_event" });
    await expect(bus.publish("revocations", { key: "1", data: 1 })).rejects.toMatchObject({ code: "read_only" });
  });

  it.each([
    ["when the credential has run its time", { lifeMs: 30 }],
    ["when the credential no longer stands", { stands: async () => false }],
  ])("comes again %s, misses nothing, and was never down", async (_why, feeding) => {
    const source = createInProcessBus({ now: Date.now, retentionMs });
    const served = await feed(source, feeding);
    const bus = connect(served.port);
    const keys: string[] = [];
    const states: string[] = [];
    await bus.subscribe("work", { onEvent: ({ key }) => void keys.push(key), onState: (next) => states.push(next) })
      .ready;
    for (let index = 0; index < 20; index += 1) {
      await source.publish("work", { key: String(index), data: index });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await expect.poll(() => keys).toEqual(Array.from({ length: 20 }, (_, index) => String(index)));
    expect(states).toEqual(["live"]);
    await bus.close();
    await served.stop();
  });

  it("takes a silent server for one that is gone", async () => {
    const served = await serve(
      () =>
        new Response(new ReadableStream({ start: (body) => body.enqueue(new TextEncoder().encode(": hello\n\n")) }), {
          headers: { "content-type": "text/event-stream" },
        }),
      { port: 0, hostname: "127.0.0.1", drainMs: 0, log: silentLog },
    );
    const errors: BusError[] = [];
    const bus = connect(served.port, errors, 50);
    const states: string[] = [];
    bus.subscribe("work", { onEvent: () => undefined, onState: (next) => states.push(next) });
    await expect.poll(() => states).toEqual(["down"]);
    expect(errors).toMatchObject([{ code: "unavailable", cause: { cause: { name: "TimeLimitError" } } }]);
    await bus.close();
    await served.stop();
  });

  it("says down when the bus behind auth is", async () => {
    let tell: ((state: "live" | "down") => void) | undefined;
    const source: EventBus = {
      publish: async () => undefined,
      subscribe: (_topic, options) => {
        tell = (state) => options.onState?.(state);
        tell("live");
        return { ready: Promise.resolve(), close: async () => undefined };
      },
      close: async () => undefined,
    };
    const served = await feed(source);
    const bus = connect(served.port);
    const states: string[] = [];
    await bus.subscribe("work", { onEvent: () => undefined, onState: (next) => states.push(next) }).ready;
    tell?.("down");
    await expect.poll(() => states).toEqual(["live", "down"]);
    tell?.("live");
    await expect.poll(() => states).toEqual(["live", "down", "live"]);
    await bus.close();
    await served.stop();
  });
});
