import { type CallPort, type OutgoingCall, Refusal } from "@countersign/context";
import { createOtlpCollector, silentLog } from "@countersign/testing";
import { describe, expect, it } from "vitest";
import { createMetrics } from "./metrics.ts";
import { observeCalls } from "./observe-calls.ts";
import { openTracing } from "./tracing/open-tracing.ts";

const outgoing: OutgoingCall = { callee: "inventory", path: "reserve", input: {}, requestId: "request-1" };

async function numbersAfter(call: CallPort): Promise<string> {
  const metrics = createMetrics("orders");
  await observeCalls(call, { metrics, tracer: undefined })(outgoing).catch(() => undefined); // it is counted, not handled
  return (await metrics.read()).body;
}

describe("calls of other services", () => {
  it("are counted by callee and outcome, and never by path", async () => {
    const counted = /call_duration_seconds_count\{.*callee="inventory",outcome="(.+?)".*\} 1/;
    expect(counted.exec(await numbersAfter(async () => "reserved"))?.[1]).toBe("ok");
    const refused = await numbersAfter(async () => Promise.reject(new Refusal("CONFLICT")));
    expect(counted.exec(refused)?.[1]).toBe("CONFLICT");
    const odd = await numbersAfter(async () => Promise.reject(Object.assign(new Error("x"), { code: "a b{}" })));
    expect(counted.exec(odd)?.[1]).toBe("unknown");
    expect(refused).not.toContain("reserve");
  });

  it("tell the callee the span of the call, which hangs below what runs", async () => {
    const collector = await createOtlpCollector();
    const settings = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_SAMPLER_ARG: 1 };
    const tracing = await openTracing(settings, silentLog);
    const tracer = tracing?.tracerOf("orders");
    let told = "";
    const call = observeCalls(
      async ({ trace }) => {
        told = trace?.traceparent ?? "";
      },
      { metrics: createMetrics("orders"), tracer },
    );
    await tracer?.span({ name: "place", kind: "internal", parent: null }, () => call(outgoing));
    await tracing?.close();
    await collector.close();
    const place = collector.spans.find(({ name }) => name === "place");
    const reserve = collector.spans.find(({ name }) => name === "inventory.reserve");
    expect(reserve).toMatchObject({ kind: "client", parentSpanId: place?.spanId, traceId: place?.traceId });
    expect(told).toBe(`00-${reserve?.traceId}-${reserve?.spanId}-01`);
  });
});
