/**
 * Bounds what a stranger says by the trace headers of other systems, in place. `sentry-trace` keeps its two ids and loses its
 * third part, which would decide whether a trace is recorded. `baggage` (W3C Baggage) ends here: its entries are taken for
 * the word of whoever began the trace, also on who is calling.
 */
export function limitForeignTrace(headers: Record<string, string>): void {
  delete headers["baggage"];
  const trace = headers["sentry-trace"];
  if (trace === undefined) return;
  const [, ids] = sentryTrace.exec(trace) ?? [];
  if (ids === undefined) delete headers["sentry-trace"];
  else headers["sentry-trace"] = ids;
}

/** Trace id, span id and, perhaps, whether it is recorded. */
const sentryTrace = /^([0-9a-f]{32}-[0-9a-f]{16})(?:-[01])?$/;
