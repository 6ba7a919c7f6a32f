import type { Gate, Log, Settled } from "@countersign/context";
import type { Metrics } from "./metrics.ts";
import { traceIdOf } from "./read-trace.ts";
import type { Tracer } from "./tracing/tracing.ts";

export type ObserverDeps = {
  readonly metrics: Metrics;
  readonly log: Log;
  /** Makes spans, where traces are wanted. */
  readonly tracer: Tracer | undefined;
};

/** Codes that say something about us, and not about who called. */
const faults: ReadonlySet<string> = new Set(["INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE", "TIMEOUT"]);

/** What the guards tell of every call: one line, one observation and, where traces are wanted, one span. */
export function observeProcedures({ metrics, log, tracer }: ObserverDeps): Pick<Gate, "surround" | "settled"> {
  return {
    surround: (procedure, work) =>
      tracer === undefined ? work() : tracer.span({ name: procedure, kind: "internal" }, work),
    settled(call) {
      metrics.called(call);
      log.info(lineOf(call), "A call ended.");
      if (tracer !== undefined) describe(tracer, call);
    },
  };
}

/** Ids and names only: no address, no token, no input. */
function lineOf({ procedure, outcome, milliseconds, userId, service, requestId, trace }: Settled): object {
  const ms = Math.round(milliseconds * 10) / 10;
  return { requestId, traceId: traceIdOf(trace), procedure, outcome, ms, userId, caller: service };
}

function describe(tracer: Tracer, { outcome, userId, service }: Settled): void {
  const span = tracer.active();
  span?.tell({
    "countersign.outcome": outcome,
    ...(userId === null ? {} : { "user.id": userId }),
    ...(service === null ? {} : { "countersign.caller": service }),
  });
  if (faults.has(outcome)) span?.fail(outcome);
}
