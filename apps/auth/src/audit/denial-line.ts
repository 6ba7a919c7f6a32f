import type { DenialReport } from "@countersign/service";
import type { AuditEntry, AuditOrigin } from "./record.ts";

/** What a report becomes in the audit log. */
export type DenialLine = { readonly entry: AuditEntry; readonly origin: AuditOrigin };

/** How far the end of a report may be ahead, in milliseconds: clocks are apart, and nothing is decided by it. */
const tolerance = 60_000;

/** When a report arrived by the clock of this process, and how long before that it may be dated, in milliseconds. */
export type Arrival = { readonly received: number; readonly longestDelay: number };

/**
 * The line of a report. Its times are the reporter's claim: the line is dated at its arrival at the latest, and where that
 * moves it, `claimedAt` says what was claimed.
 */
export function toDenialLine(report: DenialReport, key: string, { received, longestDelay }: Arrival): DenialLine {
  const { service, procedure, reason, userId, caller, address, requestId, count, firstAt, lastAt } = report;
  const actor = userId ?? caller;
  const at = Math.trunc(clamp(firstAt, received - longestDelay, received));
  const until = clamp(lastAt, at, received + tolerance);
  const detail = {
    count,
    ...(caller === null ? {} : { caller }),
    ...(count > 1 ? { until: toText(until) } : {}),
    ...(at === Math.trunc(firstAt) ? {} : { claimedAt: toText(firstAt) }),
  };
  const entry = {
    action: "call.denied",
    outcome: "refused",
    reason,
    ...(actor === null ? {} : { actor }),
    subject: procedure,
    service,
    eventKey: key,
    detail,
  } as const;
  return { entry, origin: { at, from: address === null ? { requestId } : { requestId, address } } };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

/** ISO 8601, or the number itself where that is no date. */
function toText(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? String(at) : date.toISOString();
}
