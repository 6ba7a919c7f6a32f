import type { Log } from "@countersign/context";
import type { Metrics } from "@countersign/service";
import type { DenialRefusal } from "./read-denial.ts";

/** Told of each report of denials that is not taken. */
export type RefusedReports = (refused: {
  readonly reason: DenialRefusal;
  /** Where the event stands on the bus. */
  readonly event: string;
  readonly cause: unknown;
}) => void;

type Deps = {
  readonly metrics: Pick<Metrics, "count">;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
};

const quietMs = 60_000;

/** The reasons of a forger, so that the first one shows as an increase. */
const forged: readonly DenialRefusal[] = ["unsigned", "unknown_key", "bad_signature", "another_key", "another_service"];

/** Counts reports that are not taken, and logs one of each reason in a minute: whoever writes to the bus can send any number. */
export function createRefusedReports({ metrics, log, now }: Deps): RefusedReports {
  const help = "Reports of refusals that were not taken into the audit log, by reason.";
  const count = metrics.count("countersign_denial_reports_refused_total", help, ["reason"]);
  for (const reason of forged) count({ reason }, 0);
  const loggedAt = new Map<DenialRefusal, number>();
  return ({ reason, event, cause }) => {
    count({ reason });
    const before = loggedAt.get(reason);
    if (before !== undefined && Math.abs(now() - before) < quietMs) return;
    loggedAt.set(reason, now());
    log.error(
      { err: cause, event, reason },
      "A report of denials is not taken; others of this reason in this minute are counted.",
    );
  };
}
