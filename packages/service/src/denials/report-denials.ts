import { randomUUID } from "node:crypto";
import { type Denial, type Log, TokenError } from "@countersign/context";
import { BusError, type EventBus } from "@countersign/events";
import type { ServiceKey } from "../service-key.ts";
import { type DenialReport, denialTopic, type Reporter } from "./denial-report.ts";
import { signReport } from "./signed-report.ts";
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
  /** Reports that were given up: too many waited, or they could not be signed. */
  lost(): number;
};

export type ReporterDeps = {
  readonly service: Reporter;
  /** Signs the reports; without it all of them are lost, since auth takes none that is not signed. */
  readonly key: ServiceKey | undefined;
  /** The issuer of tokens, who reads the reports. */
  readonly issuer: string;
  readonly bus: EventBus;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly kinds?: NonNullable<TallyOptions["kinds"]>;
};

const flushMs = 5_000;
const mostWaiting = 1_000;

/**
 * Reports refusals on the event bus, counted as `tallyDenials` says and signed with the service's own key. A bus that is down is tried again every five
 * seconds; what waits for it is bounded, the oldest goes first, and metrics tell of both.
 */
export function reportDenials(deps: ReporterDeps): DenialReporter {
  const { bus, key, issuer, log, now } = deps;
  const tally = tallyDenials(deps);
  const queue: { readonly key: string; readonly data: DenialReport }[] = [];
  let lost = 0;
  let sending: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  if (key === undefined) {
    log.warn({}, "Without SERVICE_KEY_FILE refusals cannot be reported; they are left out of the audit log.");
  }

  function enqueue(reports: readonly DenialReport[]): void {
    if (key === undefined) {
      lost += reports.length;
      return;
    }
    // The key of the event makes a second attempt known as one. It cannot be guessed, so that nobody publishes it first.
    for (const data of reports) queue.push({ key: `${data.service}.${randomUUID()}`, data });
    const excess = Math.max(0, queue.length - mostWaiting);
    lost += excess;
    queue.splice(0, excess);
  }

  /** Signed at each attempt: with the key of that moment, and dated by it. */
  async function send(sign: ServiceKey, { key: id, data: report }: (typeof queue)[number]): Promise<void> {
    const data = await signReport({ id, report, key: await sign(), issuer, now });
    await bus.publish(denialTopic, { key: id, data });
  }

  async function sendAll(): Promise<void> {
    if (key === undefined) return;
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      try {
        await send(key, next);
      } catch (error) {
        const isTheReport = error instanceof TokenError || (error instanceof BusError && error.code !== "unavailable");
        if (!isTheReport) throw error;
        lost += 1;
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
