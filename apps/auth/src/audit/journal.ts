import { type NewAuditRow, newStamp, rowMac, rowSecret } from "./row-mac.ts";

/** A row with its stamp and MAC, and what a statement makes the MAC with where the actor is not known before. */
export type SignedRow = NewAuditRow & { readonly stamp: string; readonly mac: string; readonly secret: string };

/** What is remembered of a row until it is sealed. */
export type JournalLine = Pick<SignedRow, "stamp" | "at" | "action" | "subject">;

/**
 * Signs the rows that this process writes, and remembers those that were committed until they are found sealed: whatever
 * removes one of them from the database before that is noticed here (`check-written.ts`).
 */
export type AuditJournal = {
  sign(row: NewAuditRow): SignedRow;
  /** Takes rows whose transaction has committed. */
  written(lines: readonly JournalLine[]): void;
  /** How many rows are not known to be sealed. */
  size(): number;
  lines(): readonly JournalLine[];
  /** Forgets rows, by their stamps. */
  forget(stamps: Iterable<string>): void;
};

/** How many rows are remembered; sealing was down for long when there are more, and the oldest go. */
const mostLines = 10_000;

/** @param keys the keys of the audit log, the newest first; see `deriveSecrets` */
export function createJournal(keys: readonly Uint8Array[]): AuditJournal {
  const [newest] = keys;
  if (newest === undefined) throw new RangeError("At least one key is needed.");
  const kept = new Map<string, JournalLine>();
  return {
    sign(row) {
      const stamped = { ...row, stamp: newStamp(row.at.getTime()) };
      const secret = rowSecret(stamped, newest);
      return { ...stamped, secret, mac: rowMac(secret, row.actor) };
    },
    written(lines) {
      for (const { stamp, at, action, subject } of lines) kept.set(stamp, { stamp, at, action, subject });
      for (const stamp of kept.keys()) {
        if (kept.size <= mostLines) break;
        kept.delete(stamp);
      }
    },
    size: () => kept.size,
    lines: () => [...kept.values()],
    forget(stamps) {
      for (const stamp of stamps) kept.delete(stamp);
    },
  };
}
