import { setImmediate, setTimeout } from "node:timers/promises";
import type { Log } from "@countersign/context";
import { type Database, isUnavailable } from "@countersign/database";
import type { EventBus } from "@countersign/events";
import { denialTopic } from "@countersign/service";
import { toDenialLine } from "./denial-line.ts";
import type { DenialReader, RawDenial } from "./read-denial.ts";
import { record } from "./record.ts";
import type { RefusedReports } from "./refused-reports.ts";

export type FollowDenialsDeps = {
  readonly db: Database;
  readonly bus: EventBus;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** How long rows are kept, in milliseconds: a report is dated no longer ago than that. */
  readonly auditRetention: number;
  /** Reads and verifies an event. */
  readonly readDenial: DenialReader;
  readonly refused: RefusedReports;
};

/** Follows denials until it is closed. */
export type DenialFollower = {
  /** Waits, a second at most, for what has arrived to be written down. */
  close(): Promise<void>;
};

const retryMs = 1_000;
const patienceMs = 1_000;

/**
 * Follows the refusals that every service reports, this one too, into the audit log: each report is one row, however
 * often and to however many replicas it is delivered. While the database is down the next report waits on the bus.
 */
export function followDenials(deps: FollowDenialsDeps): DenialFollower {
  const { db, bus, log, now, auditRetention, readDenial, refused } = deps;
  const closing = new AbortController();
  let writing = Promise.resolve();

  async function handle(id: string, event: RawDenial): Promise<void> {
    const { key } = event;
    const received = now();
    while (!closing.signal.aborted) {
      try {
        const found = await readDenial(event);
        if ("refused" in found) {
          refused({ reason: found.refused, event: id, cause: found.cause });
          return;
        }
        const { entry, origin } = toDenialLine(found.report, key, { received, longestDelay: auditRetention });
        await record(db, entry, origin);
        return;
      } catch (error) {
        log.warn({ err: error, event: key }, "A refusal could not be written to the audit log.");
        if (!isUnavailable(error)) return;
        await setTimeout(retryMs, undefined, { signal: closing.signal, ref: false }).catch(() => undefined); // closed
      }
    }
  }

  const subscription = bus.subscribe(denialTopic, {
    onEvent({ id, key, data }) {
      writing = handle(id, { key, data });
      return writing;
    },
  });

  async function settle(): Promise<void> {
    for (let seen: Promise<void> | null = null; seen !== writing; ) {
      seen = writing;
      await seen;
      await setImmediate(); // what was published just now is handed over
    }
  }

  return {
    async close() {
      await Promise.race([settle(), setTimeout(patienceMs, undefined, { ref: false })]);
      closing.abort();
      await subscription.close();
    },
  };
}
