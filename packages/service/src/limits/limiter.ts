import { type Quota, Refusal } from "@countersign/context";
import { type LimitStore, LimitStoreError, type Tally } from "./limit-store.ts";
import { createMemoryStore } from "./memory-store.ts";

/** How much a limit allows in which time. */
export type LimitSize = { readonly calls: number; readonly perSeconds: number };

/** A limit as it is defined; `strict` as `Limit` of context says. */
export type LimitOptions = LimitSize & { readonly strict?: boolean | undefined };

/** One call, or several at once, counted. */
export type Taken = {
  readonly allowed: boolean;
  readonly quota: Quota;
  /** Whether this is the first one refused in its window; the rest of a flood is not. */
  readonly first: boolean;
  /** Makes it uncounted, while its window still runs: for what is not to count when it turns out well. */
  giveBack(): Promise<void>;
};

/** A limit that counts. */
export type Counter = {
  readonly name: string;
  /** @throws Refusal SERVICE_UNAVAILABLE for a strict limit whose store cannot be asked */
  take(key: string, calls?: number): Promise<Taken>;
};

export type Limiter = {
  /**
   * Makes a limit of this name, such as `auth.signIn/account`. Operators may have given it another size.
   *
   * @throws RangeError for a size that is no size, or a name that is taken
   */
  define(name: string, options: LimitOptions): Counter;
  /** Sizes that were given for limits that nobody defined. */
  unknown(): readonly string[];
};

/** `allowed` or `refused`; `uncounted` when the store could not be asked, beside what was then decided. */
export type LimitOutcome = "allowed" | "refused" | "uncounted";

export type LimiterDeps = {
  readonly store: LimitStore;
  /** Sizes that operators chose, by the names of the limits. */
  readonly sizes?: ReadonlyMap<string, LimitSize> | undefined;
  /** Told of everything that is counted, for metrics. */
  readonly observe: (limit: string, outcome: LimitOutcome) => void;
  /** Epoch milliseconds. */
  readonly now: () => number;
};

/** All limits of one service, or of the gateway, over one store. */
export function createLimiter(deps: LimiterDeps): Limiter {
  const { sizes = new Map<string, LimitSize>() } = deps;
  const own = createMemoryStore(); // counts while the store cannot
  const defined = new Set<string>();
  return {
    define(name, options) {
      if (defined.has(name)) throw new RangeError(`There are two limits called ${name}; give one of them a name.`);
      defined.add(name);
      return createCounter({ ...deps, own }, name, check(name, { ...options, ...sizes.get(name) }));
    },
    unknown: () => [...sizes.keys()].filter((name) => !defined.has(name)),
  };
}

function createCounter(deps: LimiterDeps & { own: LimitStore }, name: string, options: LimitOptions): Counter {
  const { store, own, observe, now } = deps;
  const { calls: most, perSeconds, strict = false } = options;

  async function add(key: string, calls: number): Promise<{ tally: Tally; from: LimitStore }> {
    try {
      return { tally: await store.add(key, calls, perSeconds), from: store };
    } catch (cause) {
      if (!(cause instanceof LimitStoreError)) throw cause;
      observe(name, "uncounted");
      if (strict) throw cannotCount(cause);
      return { tally: await own.add(key, calls, perSeconds), from: own };
    }
  }

  return {
    name,
    async take(who, calls = 1) {
      const key = `${name}:${who}`;
      const { tally, from } = await add(key, calls);
      const allowed = tally.calls <= most;
      const endsAt = now() + tally.msLeft;
      observe(name, allowed ? "allowed" : "refused");
      return {
        allowed,
        first: !allowed && tally.calls - calls <= most,
        quota: quotaOf(name, options, tally),
        async giveBack() {
          // in the next window there would be nothing to give back to, and one more would be allowed there
          if (now() < endsAt) await from.add(key, -calls, perSeconds).catch(ignoreOutage);
        },
      };
    },
  };
}

function quotaOf(policy: string, { calls, perSeconds }: LimitSize, tally: Tally): Quota {
  const resetSeconds = Math.max(1, Math.ceil(tally.msLeft / 1000));
  return { policy, calls, perSeconds, remaining: Math.max(0, calls - tally.calls), resetSeconds };
}

function cannotCount(cause: LimitStoreError): Refusal {
  return new Refusal("SERVICE_UNAVAILABLE", undefined, { cause, reason: "limits_unavailable", retryAfterSeconds: 1 });
}

/** What cannot be given back stays counted, and falls out of its window. */
function ignoreOutage(error: unknown): void {
  if (!(error instanceof LimitStoreError)) throw error;
}

function check(name: string, options: LimitOptions): LimitOptions {
  const isSize = (value: number) => Number.isSafeInteger(value) && value >= 1;
  if (isSize(options.calls) && isSize(options.perSeconds)) return options;
  throw new RangeError(`The limit ${name} needs whole numbers of calls and seconds, 1 or more.`);
}
