import type { Denial } from "@countersign/context";
import type { AuthDeps } from "../deps.ts";
import { record } from "./record.ts";

/**
 * Writes a guard's refusal into the audit log, when somebody known was refused: what strangers are refused anyone could
 * write by the million. The answer does not wait for it.
 */
export function recordDenial({ db, now, log }: AuthDeps, denial: Denial): void {
  const actor = denial.userId ?? denial.service;
  if (actor === null) return;
  const { procedure, reason, requestId, address } = denial;
  const from = { requestId, address, userAgent: null };
  const entry = { action: "call.denied", outcome: "refused", reason, actor, subject: procedure } as const;
  record(db, entry, { at: now(), from }).catch((error: unknown) => {
    log.warn({ err: error, requestId }, "A denial could not be written to the audit log.");
  });
}
