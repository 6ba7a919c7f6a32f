import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Log } from "@countersign/context";
import { type CollectedSpan, createOtlpCollector, type OtlpCollector, silentLog } from "@countersign/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openTracing } from "./open-tracing.ts";
import type { Tracing } from "./tracing.ts";

const parent = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", tracestate: "vendor=t61,a=b" };
const unrecorded = { ...parent, traceparent: parent.traceparent.replace(/01$/, "00") };

let collector: OtlpCollector;
let tracing: Tracing;

beforeEach(async () => {
  collector = await createOtlpCollector();
  tracing = await open();
});
afterEach(async () => {
  await tracing.close();
  await collector.close();
});

async function open(changes: { ratio?: number; log?: Log } = {}): Promise<Tracing> {
  const { ratio = 1, log = silentLog } = changes;
  const settings = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_SAMPLER_ARG: ratio };
  const opened = await openTracing(settings, log);
  if (opened === undefined) throw new Error("There is a collector.");
  return opened;
}

function spanNamed(name: string): CollectedSpan {
  const found = collector.spans.filter((span) => span.name === name);
  expect(found, name).toHaveLength(1);
  return found[0] as CollectedSpan; // one, as was just expected
}

describe("traces", () => {
  it("go on from the caller to the callee, and each service is named", async () => {
    const orders = tracing.tracerOf("orders");
    const inventory = tracing.tracerOf("inventory");
    const told = await orders.span({ name: "POST", kind: "server", parent }, () =>
      orders.span({ name: "inventory.reserve", kind: "client" }, async ({ trace }) => {
        await inventory.span({ name: "reserve", kind: "server", parent: trace }, async () => undefined);
        return trace;
      }),
    );
    await tracing.close();
    const [first, second, third] = [spanNamed("POST"), spanNamed("inventory.reserve"), spanNamed("reserve")];
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    expect(first).toMatchObject({ service: "orders", kind: "server", traceId, parentSpanId: "b7ad6b7169203331" });
    expect(second).toMatchObject({ service: "orders", kind: "client", traceId, parentSpanId: first.spanId });
    expect(third).toMatchObject({ service: "inventory", kind: "server", traceId, parentSpanId: second.spanId });
    expect(told).toEqual({ traceparent: `00-${traceId}-${second.spanId}-01`, tracestate: parent.tracestate });
    expect(third.tracestate).toBe(parent.tracestate);
  });

  it("name a statement by its operation and table, and only within a span", async () => {
    const statement = `insert into "orders"."orders" ("id") values ($1) -- 'alice@example.com'`;
    await tracing.observe("select 1", async () => 1);
    await tracing
      .tracerOf("orders")
      .span({ name: "place", kind: "server", parent: null }, () => tracing.observe(statement, async () => 1));
    await tracing.close();
    expect(collector.spans.map(({ name }) => name).toSorted()).toEqual(["INSERT orders.orders", "place"]);
    expect(spanNamed("INSERT orders.orders")).toMatchObject({
      service: "orders",
      kind: "client",
      parentSpanId: spanNamed("place").spanId,
      attributes: {
        "db.system.name": "postgresql",
        "db.operation.name": "INSERT",
        "db.collection.name": "orders.orders",
      },
    });
    expect(collector.bodies.join()).not.toContain("alice");
  });

  it("say of a failure its code, and never its message", async () => {
    const failing = tracing.tracerOf("orders").span({ name: "place", kind: "server", parent: null }, async () => {
      throw Object.assign(new Error("alice@example.com is taken"), { code: "23505" });
    });
    await expect(failing).rejects.toThrow("is taken");
    await tracing.close();
    expect(spanNamed("place")).toMatchObject({ failed: true, attributes: { "error.type": "23505" } });
    expect(collector.bodies.join()).not.toContain("alice");
  });

  it("that a caller does not record are not recorded, and go on all the same", async () => {
    const tracer = tracing.tracerOf("orders");
    const trace = await tracer.span({ name: "POST", kind: "server", parent: unrecorded }, async (span) => span.trace);
    await tracing.close();
    expect(trace.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-00$/);
    expect(collector.spans).toEqual([]);
  });

  it("of strangers keep their ids, and are recorded as the ratio says", async () => {
    expect(tracing.tracerOf("gateway").readopt(unrecorded)).toEqual(parent);
    const none = await open({ ratio: 0 });
    expect(none.tracerOf("gateway").readopt(parent)).toEqual(unrecorded);
    await none.close();
  });

  it("get nothing from what is left behind when a span has ended", async () => {
    const tracer = tracing.tracerOf("orders");
    const { promise: later, resolve } = Promise.withResolvers<void>();
    let left: Promise<unknown> = Promise.resolve();
    await tracer.span({ name: "watch", kind: "server", parent: null }, async () => {
      left = later.then(() => tracing.observe("select 1", async () => tracer.active()));
    });
    resolve();
    expect(await left).toBeNull();
    await tracing.close();
    expect(collector.spans.map(({ name }) => name)).toEqual(["watch"]);
  });

  it("that reach no collector are dropped, and operators told once", async () => {
    const lines: string[] = [];
    const log = { ...silentLog, warn: (_fields: object, message: string) => void lines.push(message) };
    await collector.close();
    const lonely = await open({ log });
    const tracer = lonely.tracerOf("orders");
    for (let index = 0; index < 600; index += 1)
      await tracer.span({ name: "place", kind: "server", parent: null }, async () => undefined);
    await lonely.close();
    expect(lines).toEqual(["Traces do not reach the collector; they are dropped."]);
  });
});

describe("without a collector", () => {
  it("there is nothing that makes traces", async () => {
    expect(await openTracing({ OTEL_TRACES_SAMPLER_ARG: 1 }, silentLog)).toBeUndefined();
  });

  it("none of OpenTelemetry's SDK is loaded, by the whole package", async (context) => {
    if ("Bun" in globalThis) context.skip("Bun does not tell which modules it loads");
    const script = fileURLToPath(new URL("../../test/loaded-modules.ts", import.meta.url));
    const loadedBy = async (...settings: readonly string[]) =>
      (await promisify(execFile)(process.execPath, [script, ...settings])).stdout.trim().split("\n");
    const sdk = /^@opentelemetry\/(sdk|exporter|otlp|resources|core)/;
    expect((await loadedBy()).filter((name) => sdk.test(name))).toEqual([]);
    expect((await loadedBy(collector.url)).filter((name) => sdk.test(name))).not.toEqual([]);
  });
});
