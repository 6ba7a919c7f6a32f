import type { Trace } from "@countersign/context";
import type { Fields } from "./fields.ts";

/** W3C Trace Context, level 1, §3.2: version 00, or a later one, whose first four fields are the same. */
const wellFormed = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/;
const laterFields = /^(?!00)[0-9a-f]{2}-/;
const longestState = 512;

/**
 * The trace that a request belongs to. One that comes without a trace, or with one that cannot be read, begins a new one
 * (§4.3), not sampled; `tracestate` is then dropped too. Nothing is decided by either: they lead to log lines and spans.
 */
export function readTrace(headers: Fields): Trace {
  return findTrace(headers) ?? newTrace();
}

/** The trace that a request came with, or null when it came without one that can be read. */
export function findTrace(headers: Fields): Trace | null {
  const traceparent = headers.get("traceparent") ?? "";
  if (traceparent === "" || traceparent.length > 128 || !isReadable(traceparent)) return null;
  const tracestate = headers.get("tracestate") ?? null;
  return { traceparent, tracestate: tracestate !== null && tracestate.length <= longestState ? tracestate : null };
}

/** The 32 hex digits that one request has in every service. */
export function traceIdOf({ traceparent }: Trace): string {
  return traceparent.slice(3, 35);
}

/** The same trace with this word on whether it is recorded. */
export function withFlag(trace: Trace, isRecorded: boolean): Trace {
  const { traceparent, tracestate } = trace;
  const flag = isRecorded ? "01" : "00";
  if (traceparent.length === 55 && traceparent.endsWith(flag)) return trace;
  return { traceparent: `${traceparent.slice(0, 53)}${flag}`, tracestate };
}

function isReadable(traceparent: string): boolean {
  return wellFormed.test(traceparent) && (traceparent.length === 55 || laterFields.test(traceparent));
}

/**
 * The digits of a UUID: the runtime draws their randomness for many at once, which is a quarter of the cost. The first span
 * of a trace has no other to be told from, so that some of the same digits will do.
 */
function newTrace(): Trace {
  const traceId = crypto.randomUUID().replaceAll("-", "");
  return { traceparent: `00-${traceId}-${traceId.slice(16)}-00`, tracestate: null };
}
