import type { ServiceCall } from "./service-call.ts";

/**
 * The header that tells a callee how many milliseconds are left: a duration, as in gRPC, so that the clocks of two
 * machines need not agree. Each hop sends what then remains of its own.
 */
export const timeLeftHeader = "x-request-timeout-ms";

/**
 * The header of a call that is made once more, and of every call that is made because of it: what it says is not repeated
 * any further down, or each hop of a chain would multiply what the one above it repeats.
 */
export const repeatHeader = "x-request-repeat";

/** What of a call ties it to the request that it is made for: the id and the trace. */
export function tracingHeaders({ requestId, trace }: Pick<ServiceCall, "requestId" | "trace">): Record<string, string> {
  return {
    "x-request-id": requestId,
    ...(trace === undefined ? {} : { traceparent: trace.traceparent }),
    ...(trace?.tracestate ? { tracestate: trace.tracestate } : {}),
  };
}

/** What else a callee is told: the token, the milliseconds that are left, and whether this is a repeat. */
export function callHeaders(call: ServiceCall, sent: { token: string; msLeft: number; isRepeat: boolean }) {
  return {
    ...tracingHeaders(call),
    authorization: `Bearer ${sent.token}`,
    [timeLeftHeader]: String(Math.max(1, Math.floor(sent.msLeft))),
    ...(sent.isRepeat ? { [repeatHeader]: "1" } : {}),
  };
}
