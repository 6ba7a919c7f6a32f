import type { Database } from "@countersign/database";
import { inArray } from "drizzle-orm";
import { audit } from "../schema.ts";
import type { AuditJournal, JournalLine } from "./journal.ts";
import { record } from "./record.ts";
import { TamperingError } from "./tampering-error.ts";

export type CheckDeps = { readonly db: Database; readonly journal: AuditJournal; readonly now: () => number };

const pageSize = 1_000;
const mostNamed = 20;

/**
 * Looks for the rows that this process wrote, once it or another process has sealed: one that is sealed is forgotten, as
 * the chain vouches for it; one that is gone was removed by somebody else, and a row of the log, `audit.rows_removed`, says so.
 *
 * @throws TamperingError `rows_removed`
 */
export async function checkWritten({ db, journal, now }: CheckDeps): Promise<void> {
  const removed: JournalLine[] = [];
  const lines = journal.lines();
  for (let from = 0; from < lines.length; from += pageSize) {
    const page = lines.slice(from, from + pageSize);
    const found = await readPositions(db, page);
    journal.forget([...found].filter(([, position]) => position !== null).map(([stamp]) => stamp));
    removed.push(...page.filter(({ stamp }) => !found.has(stamp)));
  }
  if (removed.length === 0) return;
  const rows = removed.slice(0, mostNamed).map(describe);
  const entry = { action: "audit.rows_removed", outcome: "refused", actor: "system" } as const;
  await record(db, { ...entry, detail: { count: removed.length, rows } }, { at: now(), from: null });
  journal.forget(removed.map(({ stamp }) => stamp));
  throw new TamperingError("rows_removed", `${removed.length} rows of the audit log went before they were sealed.`);
}

async function readPositions(db: Database, lines: readonly JournalLine[]): Promise<Map<string, number | null>> {
  const stamps = lines.map(({ stamp }) => stamp);
  const columns = { stamp: audit.stamp, position: audit.position };
  const rows = await db.select(columns).from(audit).where(inArray(audit.stamp, stamps));
  return new Map(rows.map(({ stamp, position }) => [stamp ?? "", position]));
}

function describe({ at, action, subject }: JournalLine): string {
  return [at.toISOString(), action, ...(subject === null ? [] : [subject])].join(" ");
}
