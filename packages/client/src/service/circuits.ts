import type { ServiceName } from "@countersign/access";
import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleType,
} from "cockatiel";

/** Whether calls to a callee go out: `half-open` lets one through to see. */
export type Circuit = "closed" | "half-open" | "open";

export type CircuitsDeps = {
  /** Told of every change. */
  readonly onChange?: ((callee: ServiceName, state: Circuit) => void) | undefined;
  /** How long calls fail at once before one is let through, in milliseconds; 2000 unless told. */
  readonly pauseMs?: number | undefined;
};

/** One circuit breaker for each callee. */
export type Circuits = {
  /**
   * Does the work unless the circuit is open, and counts what it rejects with as `judge` says. In a circuit that is half
   * open one call goes out, and the others wait for what becomes of it.
   *
   * @throws what the work rejects with; {@link CircuitOpenError} when it was not begun
   */
  run<T>(callee: ServiceName, work: () => Promise<T>, judge: (error: unknown) => Verdict): Promise<T>;
  /** The circuits of every callee that was called so far. */
  states(): Readonly<Partial<Record<ServiceName, Circuit>>>;
};

/** What a failure says about the callee: that it is there, that it is not, or nothing. */
export type Verdict = "answered" | "outage" | "unknown";

/** The callee failed so often in a row that it is left alone for now; nothing was sent. */
export class CircuitOpenError extends Error {
  override readonly name = "CircuitOpenError";

  constructor(callee: ServiceName) {
    super(`the circuit to ${callee} is open`);
  }
}

const failuresInARow = 5;

/** The circuits of one service to its callees: five outages in a row open one, and one answer closes it. */
export function createCircuits({ onChange, pauseMs = 2_000 }: CircuitsDeps = {}): Circuits {
  const policies = new Map<ServiceName, CircuitBreakerPolicy>();

  function policyOf(callee: ServiceName): CircuitBreakerPolicy {
    const known = policies.get(callee);
    if (known !== undefined) return known;
    const breaker = new ConsecutiveBreaker(failuresInARow);
    const policy = circuitBreaker(handleType(Failure, isOutage), { halfOpenAfter: pauseMs, breaker });
    policy.onStateChange((state) => onChange?.(callee, nameOf(state)));
    policies.set(callee, policy);
    return policy;
  }

  return {
    async run(callee, work, judge) {
      try {
        const settled = await policyOf(callee).execute(() => settle(work, judge));
        if (settled instanceof Failure) throw settled;
        return settled.value;
      } catch (error) {
        if (error instanceof Failure) throw error.cause;
        throw error instanceof BrokenCircuitError ? new CircuitOpenError(callee) : error;
      }
    },
    states: () => Object.fromEntries([...policies].map(([callee, { state }]) => [callee, nameOf(state)])),
  };
}

/** A failure with what it says; never seen outside of this file. */
class Failure extends Error {
  readonly verdict: Verdict;

  constructor(cause: unknown, verdict: Verdict) {
    super(verdict, { cause });
    this.verdict = verdict;
  }
}

/** Gives what counts as an answer, an error too, and rejects with the rest: the library counts by that. */
async function settle<T>(work: () => Promise<T>, judge: (error: unknown) => Verdict): Promise<{ value: T } | Failure> {
  try {
    return { value: await work() };
  } catch (error) {
    const failure = new Failure(error, judge(error));
    if (failure.verdict === "answered") return failure;
    throw failure;
  }
}

function isOutage({ verdict }: Failure): boolean {
  return verdict === "outage";
}

function nameOf(state: CircuitState): Circuit {
  if (state === CircuitState.Closed) return "closed";
  return state === CircuitState.HalfOpen ? "half-open" : "open";
}
