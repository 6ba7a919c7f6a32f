import type { Trace } from "@countersign/context";
import type { SpanContext } from "@opentelemetry/api";
import { TraceState } from "@opentelemetry/core";

/** The two headers as the SDK wants them; a `Trace` is well-formed already. */
export function toSpanContext({ traceparent, tracestate }: Trace): SpanContext {
  const [, traceId = "", spanId = "", flags = "00"] = traceparent.split("-");
  return {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & 1, // the one flag that version 00 knows
    isRemote: true,
    ...(tracestate === null ? {} : { traceState: new TraceState(tracestate) }),
  };
}

/** What a callee is told of a span; `tracestate` goes on as it came (W3C Trace Context §3.3). */
export function fromSpanContext(context: SpanContext, tracestate: string | null): Trace {
  return { traceparent: `00-${context.traceId}-${context.spanId}-0${context.traceFlags & 1}`, tracestate };
}
