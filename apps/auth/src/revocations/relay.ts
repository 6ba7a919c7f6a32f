import { randomUUID } from "node:crypto";
import { eventTypes, feedAudience, type Log, revocationTopic, toSecurityEvent } from "@countersign/context";
import type { Database } from "@countersign/database";
import type { EventBus } from "@countersign/events";
import { type SecurityEvent, type SigningKey, signSecurityEvent } from "@countersign/tokens";
import { and, asc, eq, inArray, lte } from "drizzle-orm";
import { outbox } from "../schema.ts";
import { readFeed, toRevocation } from "./feed-page.ts";
import { batchSize, countHeartbeat, numberRevocations } from "./number-revocations.ts";

/** Carries revocations from the outbox to the event bus, each as a Security Event Token (RFC 8417). */
export type Relay = {
  /**
   * Publishes what waits, and resolves when it is out or half a second has passed: the answer to a sign-out comes after the
   * services know of it, and is not kept waiting by a bus that is down. Never rejects; what failed is tried again.
   */
  flush(): Promise<void>;
  /**
   * Publishes a heartbeat, which names the last number: a service that has it knows whether it has everything before. Of
   * several replicas one publishes at a time. Never rejects: it is missed where it matters.
   */
  beat(): Promise<void>;
  /** Removes what has expired by the clock on the wall and by the count of heartbeats. */
  sweep(): Promise<void>;
};

export type RelayDeps = {
  readonly db: Database;
  readonly bus: EventBus;
  readonly issuer: string;
  readonly signer: SigningKey;
  readonly now: () => number;
  readonly log: Log;
};

const patience = 500;

export function createRelay({ db, bus, issuer, signer, now, log }: RelayDeps): Relay {
  const parties = { issuer, audience: feedAudience };
  let running: Promise<void> | null = null;
  let again = false;

  async function publish(event: Omit<SecurityEvent, "issuedAt">): Promise<void> {
    const set = await signSecurityEvent({ ...event, issuedAt: Math.floor(now() / 1000) }, parties, signer);
    await bus.publish(revocationTopic, { key: event.id, data: { set } });
  }

  async function publishWaiting(): Promise<void> {
    const isWaiting = eq(outbox.published, false);
    const waiting = await db.select().from(outbox).where(isWaiting).orderBy(asc(outbox.id)).limit(batchSize);
    if (waiting.length === 0) return;
    const isNew = waiting.some(({ number }) => number === null);
    const { epoch, rows } = isNew ? await numberRevocations(db) : { ...(await readFeed(db)), rows: [] };
    const numbered = [...waiting, ...rows].flatMap((row) => (row.number === null ? [] : [{ row, number: row.number }]));
    for (const { row, number } of numbered) {
      const said = toSecurityEvent(toRevocation(row), { reason: row.reason, issuer });
      await publish({ id: row.eventId, ...said, position: { epoch, number } });
    }
    const ids = numbered.map(({ row }) => row.id);
    await db.update(outbox).set({ published: true }).where(inArray(outbox.id, ids));
    again ||= Math.max(waiting.length, rows.length) === batchSize;
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
      try {
        const counted = await countHeartbeat(db);
        if (counted === null) return;
        const { epoch, ...place } = counted;
        const said = { type: eventTypes.heartbeat, subject: { format: "opaque", id: epoch }, event: {} };
        await publish({ id: randomUUID(), ...said, position: { epoch, ...place } });
      } catch (error) {
        log.debug({ err: error }, "A heartbeat of the feed of revocations could not be published.");
      }
    },
    async sweep() {
      const { beat } = await readFeed(db);
      const isOver = and(lte(outbox.expiresAt, new Date(now())), lte(outbox.keptUntilBeat, beat));
      await db.delete(outbox).where(and(isOver, eq(outbox.published, true)));
    },
  };
}

async function within(milliseconds: number, work: Promise<void>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  await Promise.race([work, late]);
  clearTimeout(timer);
}
