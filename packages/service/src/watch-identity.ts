import type { Feed, Revocations, Verifier } from "@countersign/context";
import type { DenialReporter } from "./denials/report-denials.ts";
import type { Metrics } from "./metrics.ts";

/** What a service verifies and refuses with. */
export type WatchedIdentity = {
  readonly verifier: Pick<Verifier, "remembered">;
  readonly revocations: Pick<Revocations, "size">;
  readonly feed: Feed;
  readonly denials: DenialReporter;
};

/** The numbers of how a service knows whom to believe: remembered tokens, revocations and their feed, and refusals. */
export function watchIdentity(metrics: Metrics, { verifier, revocations, feed, denials }: WatchedIdentity): void {
  const watched: readonly [name: string, help: string, read: () => number][] = [
    ["countersign_verified_tokens", "Verified tokens held in memory.", () => verifier.remembered().size],
    ["countersign_verified_token_hits_total", "Tokens that were remembered.", () => verifier.remembered().hits],
    ["countersign_verified_token_misses_total", "Tokens that were verified.", () => verifier.remembered().misses],
    ["countersign_revocations", "Revocations held in memory.", () => revocations.size()],
    ["countersign_revocation_feed_live", "1 while revocations arrive.", () => Number(feed.state() === "live")],
    [
      "countersign_revocation_lag_seconds",
      "Since the moment up to which all revocations are known to be applied.",
      () => feed.lag().seconds,
    ],
    [
      "countersign_revocation_delivery_seconds",
      "From publishing to arrival, of the last event of the feed.",
      () => feed.lag().deliverySeconds ?? Number.NaN,
    ],
    [
      "countersign_revocation_events_rejected_total",
      "Events of the feed that were not what auth signs.",
      () => feed.counts().rejected,
    ],
    [
      "countersign_revocation_resyncs_total",
      "Times that auth was asked for revocations that the bus did not bring.",
      () => feed.counts().resyncs,
    ],
    ["countersign_denial_reports_waiting", "Reports of refusals that wait for the bus.", () => denials.waiting()],
    ["countersign_denial_reports_lost", "Reports of refusals that were given up.", () => denials.lost()],
  ];
  for (const [name, help, read] of watched) metrics.watch(name, help, read);
}
