import type { Metrics } from "@countersign/service";
import { type AsymmetricAlgorithm, asymmetricAlgorithms } from "@countersign/tokens";
import { AnchorError } from "./audit/anchor.ts";
import { TamperingError } from "./audit/tampering-error.ts";
import type { AuthDeps } from "./deps.ts";
import type { MailOutcome } from "./schema-mail.ts";
import type { ReuseKind } from "./sessions/settle-refresh.ts";

/** The numbers that auth alone has: what hashing costs now, and how the signing keys turn over. */
export function watchAuth(metrics: Metrics, { passwords, keys, schedule, mail, now }: AuthDeps): void {
  metrics.watch("countersign_password_hashes_total", "Password hashes computed.", () => passwords.computed());
  metrics.watchEach("countersign_password_hash_queue", "Password hashes that are computed now, and that wait.", {
    label: "state",
    read: () => passwords.queue(),
  });
  metrics.watch(
    "countersign_signing_key_due_seconds",
    "Until the key that signs should be replaced; below zero when that is overdue, NaN where no key turns over.",
    () => {
      const since = keys.signsSince();
      return since === null ? Number.NaN : (since + schedule.signsFor - now()) / 1000;
    },
  );
  metrics.watch("countersign_mails_waiting", "Mails that wait to be sent.", () => mail?.waiting() ?? 0);
  metrics.watchEach(
    "countersign_published_keys",
    "Signing keys that are published; of two algorithms in a hand-over.",
    {
      label: "algorithm",
      read: () => countPublished(keys.published()),
    },
  );
}

function countPublished(published: readonly { readonly alg: AsymmetricAlgorithm }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of asymmetricAlgorithms) counts[name] = published.filter(({ alg }) => alg === name).length;
  return counts;
}

/**
 * Counts what goes wrong while auth looks after itself. An audit log that somebody else has written to has reasons of its
 * own: `anchor_missing`, `anchor_forged`, `rows_forged`, `rows_removed`, and `rolled_back` of the work `checkpoint`.
 */
export function countCareFailures(metrics: Metrics): AuthDeps["careFailed"] {
  const help = "Turns of auth's own work that failed, by work and reason.";
  const failed = metrics.count("countersign_care_failures_total", help, ["work", "reason"]);
  for (const reason of ["anchor_missing", "anchor_forged", "rows_forged", "rows_removed"])
    failed({ work: "seal_audit", reason }, 0);
  failed({ work: "checkpoint", reason: "rolled_back" }, 0);
  const isTampering = (error: unknown) => error instanceof AnchorError || error instanceof TamperingError;
  return (work, error) => failed({ work, reason: isTampering(error) ? error.code : "failed" });
}

/** Counts what came of attempts to send mail: `sent`, `retried`, `failed` for good, or `dropped` with nothing to send. */
export function countMails(metrics: Metrics): (outcome: MailOutcome | "retried") => void {
  const counted = metrics.count("countersign_mails_total", "Attempts to send a mail, by outcome.", ["outcome"]);
  for (const outcome of ["sent", "retried", "failed", "dropped"]) counted({ outcome }, 0);
  return (outcome) => counted({ outcome });
}

/** Counts refreshes that renew nothing, by why; the kinds of reuse are among them. */
export function countFailedRefreshes(metrics: Metrics): (reason: string) => void {
  const help = "Refresh tokens that renewed nothing, by reason.";
  const failed = metrics.count("countersign_refreshes_refused_total", help, ["reason"]);
  for (const reason of reuse) failed({ reason }, 0); // so that the first one shows as an increase
  return (reason) => failed({ reason });
}

const reuse: readonly ReuseKind[] = ["late_predecessor", "older_generation", "unknown_generation"];
