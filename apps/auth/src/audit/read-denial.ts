import { type DenialReport, denialReport } from "@countersign/service";
import type { AuditEntry, AuditOrigin } from "./record.ts";

/** An event of the topic of denials as it came from the bus: nothing in it is proved yet. */
export type RawDenial = { readonly key: string; readonly data: unknown };

/** The report that an event holds, or why it is not taken. */
export type ReadDenial = { readonly report: DenialReport } | { readonly refused: string; readonly cause: unknown };

/** Reads an event, and verifies whatever it has to prove; asynchronous, since a signature may have to be checked. */
export type DenialReader = (event: RawDenial) => Promise<ReadDenial>;

/** Reads an event by its shape alone. */
export const readDenial: DenialReader = async ({ data }) => {
  const { data: report, error } = denialReport.safeParse(data);
  return report === undefined ? { refused: "unreadable", cause: error } : { report };
};

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
