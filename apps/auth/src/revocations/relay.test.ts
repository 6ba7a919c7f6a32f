import { createInProcessBus, type EventBus } from "@countersign/events";
import { createFakeClock, describeDatabases, silentLog } from "@countersign/testing";
import { eq } from "drizzle-orm";
import { beforeEach, expect, it } from "vitest";
import { migrations } from "../../test/open-test-auth.ts";
import { outbox } from "../schema.ts";
import { recordRevocation, revocationLife } from "./outbox.ts";
import { createRelay } from "./relay.ts";

describeDatabases("the relay of revocations", { migrations }, (open) => {
  const clock = createFakeClock();
  let seen: unknown[];
  let bus: EventBus;
  beforeEach(async () => {
    await (await open()).db.delete(outbox);
    seen = [];
    bus = createInProcessBus({ now: clock.now, retentionMs: 60_000 });
    await bus.subscribe("revocations", { onEvent: ({ data }) => void seen.push(data) }).ready;
  });

  const relayOn = async (target: EventBus) => {
    const { db } = await open();
    return { db, relay: createRelay({ db, bus: target, now: clock.now, log: silentLog }) };
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

  it("publishes everything that is live again after a restart, and lets go of what has expired", async () => {
    const { db, relay } = await relayOn(bus);
    await recordRevocation(db, { kind: "key", subject: "old", now: clock.now() });
    await relay.flush();
    clock.advance(revocationLife + 1);
    await recordRevocation(db, { kind: "key", subject: "new", now: clock.now() });
    await relay.flush();
    await expect.poll(() => seen).toHaveLength(2);

    const fresh = createInProcessBus({ now: clock.now, retentionMs: 60_000 });
    const replayed: unknown[] = [];
    const restarted = await relayOn(fresh);
    await restarted.relay.replay();
    await fresh.subscribe("revocations", { onEvent: ({ data }) => void replayed.push(data) }).ready;
    expect(replayed).toMatchObject([{ id: "new" }]);
    await restarted.relay.sweep();
    expect(await db.select().from(outbox)).toMatchObject([{ subject: "new" }]);
  });

  it("gives signs of life, one for all replicas, and lets a bus be down", async () => {
    const { relay } = await relayOn(bus);
    const { relay: replica } = await relayOn(bus);
    await Promise.all([relay.beat(), replica.beat()]);
    await expect.poll(() => seen).toEqual([{ kind: "beat" }]);
    clock.advance(5);
    await replica.beat();
    await expect.poll(() => seen).toHaveLength(2);
    await (await relayOn(down)).relay.beat();
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
