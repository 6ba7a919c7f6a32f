import { createInProcessBus, type EventBus } from "@countersign/events";
import { createFakeClock, describeDatabases, silentLog } from "@countersign/testing";
import { type FeedPosition, peekFeedPosition } from "@countersign/tokens";
import { eq, sql } from "drizzle-orm";
import { beforeEach, expect, it } from "vitest";
import { migrations } from "../../test/open-test-auth.ts";
import { revocationIn } from "../../test/revocation-in.ts";
import { outbox, revocationFeed } from "../schema.ts";
import { createEventKeys } from "./event-keys.ts";
import { recordRevocation, revocationLife } from "./outbox.ts";
import { createRelay } from "./relay.ts";

describeDatabases("the relay of revocations", { migrations }, (open) => {
  const clock = createFakeClock();
  let seen: unknown[];
  let positions: (FeedPosition | null)[];
  const take = (data: unknown) => {
    seen.push(revocationIn(data));
    positions.push(peekFeedPosition(String(Object(data).set)));
  };
  let bus: EventBus;
  beforeEach(async () => {
    await (await open()).db.delete(outbox);
    seen = [];
    positions = [];
    bus = createInProcessBus({ now: clock.now, retentionMs: 60_000 });
    await bus.subscribe("revocations", { onEvent: ({ data }) => take(data) }).ready;
  });

  const relayOn = async (target: EventBus) => {
    const { db } = await open();
    const { signer } = await createEventKeys([new Uint8Array(32).fill(1)]);
    const relay = createRelay({
      db,
      bus: target,
      issuer: "http://localhost:4000",
      signer,
      now: clock.now,
      log: silentLog,
    });
    return { db, relay };
  };
  const down: EventBus = {
    publish: () => Promise.reject(new Error("down")),
    subscribe: () => {
      throw new Error("down");
    },
    close: () => Promise.resolve(),
  };

  it("publishes what was committed, once, as services expect it", async () => {
    const { db, relay } = await relayOn(bus);
    const at = clock.now();
    await recordRevocation(db, { kind: "session", subject: "session-1", now: at });
    await recordRevocation(db, { kind: "user", subject: "user-1", below: 3, now: at });
    await Promise.all([relay.flush(), relay.flush(), relay.flush()]);
    const second = Math.floor(at / 1000);
    await expect
      .poll(() => seen)
      .toEqual([
        { kind: "session", id: "session-1", expiresAt: second + revocationLife },
        { kind: "user", id: "user-1", below: 3, expiresAt: second + revocationLife },
      ]);
  });

  it("publishes nothing of a transaction that was rolled back", async () => {
    const { db, relay } = await relayOn(bus);
    const broken = db.transaction(async (tx) => {
      await recordRevocation(tx, { kind: "session", subject: "session-2", now: clock.now() });
      throw new Error("rolled back");
    });
    await expect(broken).rejects.toThrow("rolled back");
    await relay.flush();
    expect(await db.select().from(outbox)).toEqual([]);
    expect(seen).toEqual([]);
  });

  it("keeps what a bus that is down did not take, and never fails whoever flushes", async () => {
    const { db, relay } = await relayOn(down);
    await recordRevocation(db, { kind: "session", subject: "session-3", now: clock.now() });
    await relay.flush();
    const [row] = await db.select().from(outbox).where(eq(outbox.subject, "session-3"));
    expect(row).toMatchObject({ published: false });
    await (await relayOn(bus)).relay.flush();
    await expect.poll(() => seen).toMatchObject([{ id: "session-3" }]);
  });

  it("waits no longer than half a second for a bus that hangs", async () => {
    const { promise } = Promise.withResolvers<void>();
    const { db, relay } = await relayOn({ ...down, publish: () => promise });
    await recordRevocation(db, { kind: "session", subject: "session-4", now: clock.now() });
    await relay.flush();
    expect(await db.select().from(outbox)).toMatchObject([{ published: false }]);
  });

  it("lets go of what has expired by the clock and by the count of heartbeats, and of nothing by one of them", async () => {
    const { db, relay } = await relayOn(bus);
    await recordRevocation(db, { kind: "key", subject: "old", now: clock.now() });
    await relay.flush();
    clock.advance(30 * 60);
    await relay.sweep(); // a clock that is set ahead, and may be set back
    expect(await db.select().from(outbox)).toMatchObject([{ subject: "old" }]);
    await db.update(revocationFeed).set({ beat: sql`${revocationFeed.beat} + 1200` });
    clock.advance(-30 * 60);
    await relay.sweep();
    expect(await db.select().from(outbox)).toMatchObject([{ subject: "old" }]);
    clock.advance(30 * 60);
    await relay.sweep();
    expect(await db.select().from(outbox)).toEqual([]);
  });

  it("publishes heartbeats that name the last number, one for all replicas, and lets a bus be down", async () => {
    const { db, relay } = await relayOn(bus);
    const { relay: replica } = await relayOn(bus);
    await db.update(revocationFeed).set({ beatAt: new Date(0) });
    await Promise.all([relay.beat(), replica.beat()]);
    await expect.poll(() => seen).toEqual([null]);
    await recordRevocation(db, { kind: "session", subject: "session-5", now: clock.now() });
    await relay.flush();
    await db.update(revocationFeed).set({ beatAt: new Date(0) });
    await replica.beat();
    await expect.poll(() => seen.length).toBe(3);
    const [, revoked, beat] = positions;
    expect(beat).toMatchObject({ epoch: revoked?.epoch, number: revoked?.number, first: revoked?.number });
    await (await relayOn(down)).relay.beat();
  });

  it("numbers revocations of several replicas without a gap", async () => {
    const { db, relay } = await relayOn(bus);
    const { relay: replica } = await relayOn(bus);
    const record = (subject: string) => recordRevocation(db, { kind: "session", subject, now: clock.now() });
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        await record(`session-${index}`);
        await (index % 2 === 0 ? relay : replica).flush();
      }),
    );
    await Promise.all([relay.flush(), replica.flush()]);
    const numbers = (await db.select().from(outbox))
      .map(({ number }) => Number(number))
      .toSorted((one, other) => one - other);
    expect(numbers).toEqual(Array.from({ length: 40 }, (_, index) => (numbers[0] ?? 0) + index));
  });

  it("publishes any number in their order", async () => {
    const { db, relay } = await relayOn(bus);
    const ids = Array.from({ length: 450 }, (_, index) => `session-${index}`);
    await db.transaction(async (tx) => {
      for (const subject of ids) await recordRevocation(tx, { kind: "session", subject, now: clock.now() });
    });
    await relay.flush();
    await expect.poll(() => seen.length).toBe(450);
    expect(seen.map((event) => Object(event).id)).toEqual(ids);
  });
});
