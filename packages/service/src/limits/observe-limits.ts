import type { Metrics } from "../metrics.ts";
import type { LimitStore } from "./limit-store.ts";
import type { LimiterDeps } from "./limiter.ts";

/** The numbers of everything that is counted, by the name of the limit, and whether the store can be asked. */
export function observeLimits(metrics: Metrics, store: LimitStore): LimiterDeps["observe"] {
  const help = "Calls counted by a limit: allowed, refused, or uncounted because the store could not be asked.";
  const counted = metrics.count("countersign_limited_calls_total", help, ["limit", "outcome"]);
  metrics.watch("countersign_limit_store_up", "1 while the store of limits can be asked.", () =>
    Number(store.available()),
  );
  return (limit, outcome) => counted({ limit, outcome });
}
