import { z } from "zod";

/** Where traces go and how many; the names are OpenTelemetry's own, whose exporter also reads `OTEL_EXPORTER_OTLP_HEADERS`. */
export const tracingSettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .string()
    .regex(/^https?:\/\/[^\s?#]+$/, 'is a URL such as "http://localhost:4318", without /v1/traces')
    .optional(),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number("is a number from 0 to 1").min(0).max(1).default(1),
};

export type TracingSettings = {
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  readonly OTEL_TRACES_SAMPLER_ARG: number;
};
