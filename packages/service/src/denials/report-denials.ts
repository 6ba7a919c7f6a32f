import { randomUUID } from "node:crypto";
import type { Denial, Log } from "@countersign/context";
import { BusError, type EventBus } from "@countersign/events";
import { type DenialReport, denialTopic, type Reporter } from "./denial-report.ts";
import { type TallyOptions, tallyDenials } from "./tally-denials.ts";

/** Publishes what a service refused. */
export type DenialReporter = {
  /** Takes one refusal; never throws, and keeps nobody waiting. */
  report(denial: Denial): void;
  /** Publishes what is due and what could not be published before. Never rejects. */
  flush(): Promise<void>;
  /** Publishes everything that is counted, tried once, and ends. */
  close(): Promise<void>;
  /** Reports that wait for the bus. */
  waiting(): number;
  /** Reports that were given up because too many waited. */
  lost(): number;
};

export type ReporterDeps = {
  readonly service: Reporter;
  readonly bus: EventBus;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly kinds?: NonNullable<TallyOptions["kinds"]>;
};

const flushMs = 5_000;
const mostWaiting = 1_000;

/**
 * Reports refusals on the event bus, counted as `tallyDenials` says. A bus that is down is tried again every five
 * seconds; what waits for it is bounded, the oldest goes first, and metrics tell of both.
 */
export function reportDenials(deps: ReporterDeps): DenialReporter {
  const { bus, log } = deps;
  const tally = tallyDenials(deps);
  // A key of its own for each report: a replay or a second attempt is recognised by whoever reads the topic.
  const instance = randomUUID();
  const queue: { readonly key: string; readonly data: DenialReport }[] = [];
  let sequence = 0;
  let lost = 0;
  let sending: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  function enqueue(reports: readonly DenialReport[]): void {
    for (const data of reports) queue.push({ key: `${data.service}.${instance}.${++sequence}`, data });
    const excess = Math.max(0, queue.length - mostWaiting);
    lost += excess;
    queue.splice(0, excess);
  }

  async function sendAll(): Promise<void> {
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      try {
        await bus.publish(denialTopic, next);
      } catch (error) {
        if (!(error instanceof BusError) || error.code === "unavailable") throw error;
        log.error({ err: error }, "A refusal could not be reported, and is left out of the audit log.");
      }
      if (queue[0] === next) queue.shift(); // else it was given up meanwhile
    }
  }

  function start(): void {
    sending ??= sendAll()
      .catch((error: unknown) => {
        log.warn({ err: error, waiting: queue.length }, "Refusals cannot be reported right now; they are kept.");
      })
      .finally(() => {
        sending = null;
        if (queue.length === 0 && tally.size() === 0) stop();
      });
  }

  function stop(): void {
    clearInterval(timer);
    timer = undefined;
  }

  function turn(): void {
    enqueue(tally.due());
    start();
  }

  return {
    report(denial) {
      if (closed) return;
      const first = tally.add(denial);
      timer ??= setInterval(turn, flushMs).unref();
      if (first === null) return;
      enqueue([first]);
      start();
    },
    async flush() {
      turn();
      await sending;
    },
    async close() {
      if (closed) return;
      closed = true;
      enqueue(tally.rest());
      start();
      await sending;
      stop();
    },
    waiting: () => queue.length,
    lost: () => lost,
  };
}
