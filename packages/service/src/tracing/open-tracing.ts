import type { Log } from "@countersign/context";
import type { Tracing } from "./tracing.ts";

type TracingSettings = {
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  readonly OTEL_TRACES_SAMPLER_ARG: number;
};

/**
 * Traces for the collector that the settings name. Without one it gives undefined, and none of OpenTelemetry's code is
 * loaded: a process that needs none of it pays with neither start nor memory.
 */
export async function openTracing(settings: TracingSettings, log: Log): Promise<Tracing | undefined> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: ratio } = settings;
  if (endpoint === undefined) return undefined;
  const { createTracing } = await import("./opentelemetry.ts");
  return createTracing({ endpoint, ratio, log, random: Math.random });
}
