import { type Log, revocationTopic } from "@countersign/context";
import type { Database } from "@countersign/database";
import type { EventBus } from "@countersign/events";
import { and, asc, eq, gt, inArray, lte } from "drizzle-orm";
import { outbox } from "../schema.ts";

/** Carries revocations from the outbox to the event bus. */
export type Relay = {
  /**
   * Publishes what waits, and resolves when it is out or half a second has passed: whoever ended a session has the answer
   * after the services do, and is not kept waiting by a bus that is down. Never rejects; what failed is tried again.
   */
  flush(): Promise<void>;
  /**
   * Publishes a sign of life, by which every service knows that it has all that came before; of several replicas the
   * first one's counts. Never rejects: it is missed where it matters.
   */
  beat(): Promise<void>;
  /** Publishes everything again that is still live, for a bus that forgets when the process ends. */
  replay(): Promise<void>;
  /** Removes what has expired. */
  sweep(): Promise<void>;
};

export type RelayDeps = {
  readonly db: Database;
  readonly bus: EventBus;
  readonly now: () => number;
  readonly log: Log;
};

const patience = 500;
/** How often there is a sign of life, in milliseconds. */
const beatEvery = 5_000;
const batchSize = 200;

export function createRelay({ db, bus, now, log }: RelayDeps): Relay {
  let running: Promise<void> | null = null;
  let again = false;

  async function publish(rows: readonly (typeof outbox.$inferSelect)[]): Promise<void> {
    for (const row of rows)
      await bus.publish(revocationTopic, { key: `${row.id}.${row.createdAt.getTime()}`, data: toEvent(row) });
  }

  async function publishWaiting(): Promise<void> {
    const waiting = and(eq(outbox.published, false), gt(outbox.expiresAt, new Date(now())));
    const rows = await db.select().from(outbox).where(waiting).orderBy(asc(outbox.id)).limit(batchSize);
    if (rows.length === 0) return;
    await publish(rows);
    const ids = rows.map(({ id }) => id);
    await db.update(outbox).set({ published: true }).where(inArray(outbox.id, ids));
    again ||= rows.length === batchSize;
  }

  async function run(): Promise<void> {
    try {
      do {
        again = false;
        await publishWaiting();
      } while (again);
    } catch (error) {
      log.warn({ err: error }, "Revocations could not be published; they are kept and tried again.");
    } finally {
      running = null;
    }
  }

  return {
    async flush() {
      again = true; // a row may have been committed after the running pass looked
      running ??= run();
      await within(patience, running);
    },
    async beat() {
      const key = `beat.${Math.floor(now() / beatEvery)}`;
      try {
        await bus.publish(revocationTopic, { key, data: { kind: "beat" } });
      } catch (error) {
        log.debug({ err: error }, "A sign of life could not be published.");
      }
    },
    async replay() {
      const live = gt(outbox.expiresAt, new Date(now()));
      await publish(await db.select().from(outbox).where(live).orderBy(asc(outbox.id)));
    },
    async sweep() {
      await db.delete(outbox).where(lte(outbox.expiresAt, new Date(now())));
    },
  };
}

function toEvent({ kind, subject, below, except, expiresAt }: typeof outbox.$inferSelect) {
  const bounds = { ...(below === null ? {} : { below }), ...(except === null ? {} : { except }) };
  return { kind, id: subject, ...bounds, expiresAt: Math.floor(expiresAt.getTime() / 1000) };
}

async function within(milliseconds: number, work: Promise<void>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  await Promise.race([work, late]);
  clearTimeout(timer);
}
