import type { Refusal, Trace } from "@countersign/context";
import {
  type Answer,
  type Asked,
  findTrace,
  type Metrics,
  readTrace,
  type Tracer,
  traceIdOf,
  withFlag,
} from "@countersign/service";
import type { GatewayDeps } from "./deps.ts";
import { procedureOf, type Route, targetOf } from "./routes.ts";
import type { Caller } from "./trusted-proxies.ts";

/** What is known of a request once it is answered. */
export type Observation = {
  readonly asked: Asked;
  readonly requestId: string;
  /** Who asks; the word of a proxy of ours counts on traces too. */
  readonly caller: Caller;
  readonly route: Route | null;
  readonly refusal: Refusal | null;
};

/** What is told of every request: one line, one observation and, where traces are wanted, one span. */
export type Observer = {
  /**
   * Answers within a span. `seen` may still change while it does: it is read when the answer begins. `work` is given the
   * trace that whoever is called is told.
   */
  run(seen: Observation, work: (trace: Trace) => Promise<Answer>): Promise<Answer>;
};

/** An observer; without metrics and tracer there is the line alone. */
export function createObserver({ metrics, tracer, log }: Pick<GatewayDeps, "metrics" | "tracer" | "log">): Observer {
  const numbers = metrics === undefined ? null : createNumbers(metrics);

  async function answered(seen: Observation, trace: Trace, work: (trace: Trace) => Promise<Answer>): Promise<Answer> {
    const startedAt = performance.now();
    numbers?.began();
    try {
      const answer = await work(trace);
      tell(seen, trace, { status: answer.status, milliseconds: performance.now() - startedAt });
      return answer;
    } finally {
      numbers?.ended();
    }
  }

  function tell(
    seen: Observation,
    trace: Trace,
    answer: { readonly status: number; readonly milliseconds: number },
  ): void {
    const { requestId, caller, route, refusal } = seen;
    const { status, milliseconds } = answer;
    numbers?.answered({ route, status, refusal }, milliseconds);
    describe(tracer, { route, status });
    const face = route?.face ?? "unknown";
    const ms = Math.round(milliseconds * 10) / 10;
    const what = { requestId, traceId: traceIdOf(trace), face, procedure: procedureOf(route), status, ms };
    const line =
      refusal === null ? what : { ...what, code: refusal.code, reason: refusal.reason, address: caller.address };
    if (face === "health")
      log.debug(line, "A probe ended."); // by machines, every few seconds
    else log.info(line, "A request ended.");
  }

  if (tracer === undefined) return { run: (seen, work) => answered(seen, untraced(seen), work) };
  return {
    run(seen, work) {
      const came = findTrace(seen.asked.headers);
      const parent = came === null || seen.caller.vouchedFor ? came : tracer.readopt(came);
      const attributes = { "http.request.method": seen.asked.method };
      return tracer.span({ name: "gateway", kind: "server", parent, attributes }, ({ trace }) =>
        answered(seen, trace, work),
      );
    },
  };
}

/** What a stranger says on whether a trace is recorded goes no further: it would be for anyone to fill the collector. */
function untraced({ asked, caller }: Observation): Trace {
  const trace = readTrace(asked.headers);
  return caller.vouchedFor ? trace : withFlag(trace, false);
}

type Answered = { readonly route: Route | null; readonly status: number; readonly refusal: Refusal | null };

function createNumbers(metrics: Metrics) {
  const took = metrics.time(
    "countersign_gateway_request_duration_seconds",
    "How long a request took until its answer began, by the kind of route, where it led and the status.",
    ["face", "target", "status"],
  );
  const refused = metrics.count(
    "countersign_gateway_refused_total",
    "Requests that the gateway itself refused, by code and reason; `overloaded_…` are those it had no time for.",
    ["code", "reason"],
  );
  let inFlight = 0;
  metrics.watch("countersign_gateway_in_flight", "Requests whose answer has not begun.", () => inFlight);
  return {
    began: () => void (inFlight += 1),
    ended: () => void (inFlight -= 1),
    answered({ route, status, refusal }: Answered, milliseconds: number): void {
      const target = route !== null && "path" in route ? targetOf(route) : "gateway";
      took({ face: route?.face ?? "unknown", target, status: String(status) }, milliseconds);
      if (refusal !== null) refused({ code: refusal.code, reason: refusal.reason ?? refusal.code });
    },
  };
}

function describe(tracer: Tracer | undefined, { route, status }: Omit<Answered, "refusal">): void {
  const span = tracer?.active();
  span?.tell({ "http.response.status_code": status, "countersign.face": route?.face ?? "unknown" });
  if (route !== null && "path" in route) span?.tell({ "countersign.target": targetOf(route) });
  if (status >= 500) span?.fail(String(status));
}
