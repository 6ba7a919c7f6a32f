import type { Circuit } from "@countersign/client/service";
import type { Reach } from "./create-reach.ts";
import type { Metrics } from "./metrics.ts";

const openness: Readonly<Record<Circuit, number>> = { closed: 0, "half-open": 0.5, open: 1 };

/** Shows operators which other services are left alone for now, and how many users' tokens are kept. */
export function watchReach(metrics: Metrics, { circuits, exchanged }: Pick<Reach, "circuits" | "exchanged">): void {
  metrics.watch(
    "countersign_exchanged_subjects",
    "Users' tokens that are kept with what they were exchanged for.",
    () => exchanged.size(),
  );
  metrics.watchEach(
    "countersign_circuit_open",
    "1 while calls to a service fail at once, 0.5 while one is let through.",
    {
      label: "callee",
      read: () =>
        Object.fromEntries(Object.entries(circuits.states()).map(([callee, state]) => [callee, openness[state]])),
    },
  );
}
