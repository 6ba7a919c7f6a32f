import type { CallPort } from "@countersign/context";
import type { ObserverDeps } from "./observe-procedures.ts";

/**
 * The same calls of other services, each with one observation and, where traces are wanted, one span, below which the
 * callee's own hang. The path of a call is in the span alone: as a label it would be one series for each procedure.
 */
export function observeCalls(call: CallPort, { metrics, tracer }: Omit<ObserverDeps, "log">): CallPort {
  const help = "How long a call of another service took, repeats included, by callee and outcome.";
  const took = metrics.time("countersign_call_duration_seconds", help, ["callee", "outcome"]);

  const observed: CallPort = async (outgoing) => {
    const startedAt = performance.now();
    let outcome = "ok";
    try {
      return await call(outgoing);
    } catch (error) {
      outcome = codeOf(error);
      throw error;
    } finally {
      took({ callee: outgoing.callee, outcome }, performance.now() - startedAt);
    }
  };

  if (tracer === undefined) return observed;
  return (outgoing) => {
    const { callee, path } = outgoing;
    const attributes = { "rpc.system.name": "trpc", "rpc.method": `${callee}.${path}` };
    return tracer.span({ name: `${callee}.${path}`, kind: "client", attributes }, ({ trace }) =>
      observed({ ...outgoing, trace }),
    );
  };
}

/** One of the codes of `ServiceCallError`, or of tRPC; anything else would be a series for each fault. */
function codeOf(error: unknown): string {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : null;
  return typeof code === "string" && /^[A-Z_]{1,40}$/.test(code) ? code : "unknown";
}
