import { type Gate, Refusal } from "@countersign/context";

/** A gate whose counting can be waited for. */
export type WatchedCounts = {
  readonly gate: Gate;
  /** Waits until the calls that have begun are counted, and gives the refusals of those beyond a limit. */
  refused(): Promise<readonly Refusal[]>;
};

/**
 * Watches how the calls of one request are counted: before any of their work, so that an answer whose headers must not
 * wait for that can still say what the limits have left. tRPC begins all calls of a batch at once, and their guards come first.
 */
export function watchCounts(gate: Gate): WatchedCounts {
  const counts: Promise<unknown>[] = [];
  return {
    gate: {
      ...gate,
      limit(ctx, call) {
        const counted = gate.limit(ctx, call);
        counts.push(counted);
        return counted;
      },
    },
    async refused() {
      const settled = await Promise.allSettled(counts);
      const reasons = settled.map((count): unknown => (count.status === "rejected" ? count.reason : undefined));
      return reasons.filter((reason) => reason instanceof Refusal);
    },
  };
}
