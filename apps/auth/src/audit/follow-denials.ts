import { setImmediate, setTimeout } from "node:timers/promises";
import type { Log } from "@countersign/context";
import { type Database, isUnavailable } from "@countersign/database";
import type { EventBus } from "@countersign/events";
import { type DenialReport, denialReport, denialTopic } from "@countersign/service";
import { record } from "./record.ts";

export type FollowDenialsDeps = { readonly db: Database; readonly bus: EventBus; readonly log: Log };

/** Writes down what the services refuse, until it is closed. */
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
export function followDenials({ db, bus, log }: FollowDenialsDeps): DenialFollower {
  const closing = new AbortController();
  let writing = Promise.resolve();

  async function write(report: DenialReport, key: string): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await recordReport(db, report, key);
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
      const { data: report, error } = denialReport.safeParse(data);
      if (report === undefined) {
        log.error({ err: error, event: id }, "A report of refusals could not be read; is a service newer than auth?");
        return undefined;
      }
      writing = write(report, key);
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

async function recordReport(db: Database, report: DenialReport, key: string): Promise<void> {
  const { service, procedure, reason, userId, caller, address, requestId, count, firstAt, lastAt } = report;
  const actor = userId ?? caller;
  const entry = {
    action: "call.denied",
    outcome: "refused",
    reason,
    ...(actor === null ? {} : { actor }),
    subject: procedure,
    service,
    eventKey: key,
    detail: { count, ...(caller === null ? {} : { caller }), ...(count > 1 ? { until: toText(lastAt) } : {}) },
  } as const;
  await record(db, entry, { at: firstAt, from: address === null ? { requestId } : { requestId, address } });
}

function toText(at: number): string {
  return new Date(at).toISOString();
}
