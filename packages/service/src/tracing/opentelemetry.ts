import { AsyncLocalStorage } from "node:async_hooks";
import type { Log } from "@countersign/context";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { withFlag } from "../read-trace.ts";
import { describeStatement } from "./describe-statement.ts";
import { activeIn, inSpan, type Running } from "./in-span.ts";
import { tellingExporter } from "./telling-exporter.ts";
import type { Tracing } from "./tracing.ts";

export type OpenTelemetryDeps = {
  /** The base URL of a collector, without `/v1/traces`. */
  readonly endpoint: string;
  /** Which part of the traces that begin here is recorded. */
  readonly ratio: number;
  readonly log: Log;
  /** From 0 up to 1. */
  readonly random: () => number;
};

/** How long the last spans may take on their way, in milliseconds. */
const farewellMs = 3_000;

/**
 * Traces by OpenTelemetry's SDK, sent as OTLP/HTTP JSON. Nothing is registered globally: several services can have their
 * own in one process, and what runs is followed by an AsyncLocalStorage of ours.
 */
export function createTracing({ endpoint, ratio, log, random }: OpenTelemetryDeps): Tracing {
  const running = new AsyncLocalStorage<Running>();
  const url = `${endpoint.replace(/\/$/, "")}/v1/traces`;
  const exporter = tellingExporter(new OTLPTraceExporter({ url, timeoutMillis: farewellMs }), log);
  const processor = new BatchSpanProcessor({ exporter, scheduledDelayMillis: 1_000 });
  const sampler = new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) });

  return {
    tracerOf(service) {
      const resource = resourceFromAttributes({ "service.name": service, "service.namespace": "countersign" });
      const provider = new TracerProvider({ resource, sampler, spanProcessors: [processor] });
      const recorder = provider.getTracer("countersign");
      return {
        active: () => activeIn(running)?.span ?? null,
        span: (options, work) => inSpan({ running, recorder }, options, work),
        readopt: (trace) => withFlag(trace, random() < ratio),
      };
    },
    observe(statement, run) {
      const active = activeIn(running);
      if (active === null) return run(); // each statement of a service's own care would be a trace by itself
      const { operation, table } = describeStatement(statement);
      const name = table === null ? operation : `${operation} ${table}`;
      const what = { "db.system.name": "postgresql", "db.operation.name": operation };
      const attributes = table === null ? what : { ...what, "db.collection.name": table };
      return inSpan({ running, recorder: active.recorder }, { name, kind: "client", attributes }, run);
    },
    async close() {
      const patience = new Promise((resolve) => setTimeout(resolve, farewellMs).unref());
      const sent = processor.shutdown().catch(() => undefined); // told by the exporter
      await Promise.race([sent, patience]);
    },
  };
}
