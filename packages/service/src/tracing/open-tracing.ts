import type { Log } from "@countersign/context";
import type { Tracing } from "./tracing.ts";

export type TracingSettings = {
  /** Where a collector takes OTLP over HTTP, such as `http://localhost:4318`; undefined for no traces. */
  readonly endpoint: string | undefined;
  /** Which part of the traces that begin here is recorded, from 0 to 1. */
  readonly ratio: number;
  readonly log: Log;
};

/**
 * Traces for the collector that the settings name. Without one it gives undefined, and none of OpenTelemetry's code is
 * loaded: a process that needs none of it pays with neither start nor memory.
 */
export async function openTracing({ endpoint, ratio, log }: TracingSettings): Promise<Tracing | undefined> {
  if (endpoint === undefined) return undefined;
  const { createTracing } = await import("./opentelemetry.ts");
  return createTracing({ endpoint, ratio, log, random: Math.random });
}
