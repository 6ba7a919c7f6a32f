import { afterEach, describe, expect, it } from "vitest";
import type { BusEvent, BusState, EventBus, SubscribeOptions, Subscription } from "./bus.ts";
import type { BusError } from "./bus-error.ts";

/** One bus on an empty log, with what the suite needs to try it. */
export type BusUnderTest = {
  readonly bus: EventBus;
  /** Everything that `onError` of `bus` received. */
  readonly errors: readonly BusError[];
  /** Another node's bus on the same log. Absent when the log cannot be shared. */
  readonly second?: () => EventBus;
  /** Moves the clock on, past the retention. Absent when the driver's clock cannot be moved. */
  readonly outliveRetention?: () => void;
  /** Cuts `bus`, and it alone, off from its store or broker. Absent when there is none. */
  readonly cut?: () => Promise<void>;
  /** Ends the cut. */
  readonly mend?: () => Promise<void>;
  /** Closes every bus that was handed out and removes the log. */
  readonly dispose: () => Promise<void>;
};

/**
 * What every driver promises. Registers a vitest suite; `open` is called once for each test and gives an empty log.
 */
export function runBusContract(name: string, open: () => Promise<BusUnderTest>): void {
  describe(`${name} keeps the contract of the event bus`, () => {
    let opened: BusUnderTest[] = [];

    async function start(): Promise<BusUnderTest> {
      const tested = await open();
      opened.push(tested);
      return tested;
    }

    afterEach(async () => {
      await Promise.all(opened.map((tested) => tested.dispose()));
      opened = [];
    });

    testOrder(start);
    testReplay(start);
    testSubscribers(start);
    testRefusals(start);
    testOutage(start);
  });
}

type Start = () => Promise<BusUnderTest>;

function testOrder(start: Start): void {
  it("hands events over in the order of publishing, as they were published", async () => {
    const { bus } = await start();
    const before = Date.now();
    const seen = follow(bus, "orders.placed");
    await seen.subscription.ready;
    await publishAll(bus, "orders.placed", range(50));
    await seen.until(50);
    expect(seen.events.map((event) => event.data)).toEqual(range(50).map((index) => ({ index })));
    expect(seen.events.map((event) => event.key)).toEqual(range(50).map((index) => `key-${index}`));
    expect(new Set(seen.events.map((event) => event.topic))).toEqual(new Set(["orders.placed"]));
    expectAscending(seen.events);
    for (const { at } of seen.events) expect(Math.abs(at - before)).toBeLessThan(60_000);
  });

  it("gives every subscriber the same order of events that were published at once", async () => {
    const { bus, second } = await start();
    const other = second?.() ?? bus;
    const seen = [follow(bus, "busy"), follow(other, "busy")];
    await Promise.all(range(60).map((index) => publish(index % 2 === 0 ? bus : other, "busy", index)));
    const late = follow(other, "busy");
    await Promise.all([...seen, late].map((each) => each.until(60)));
    for (const { events } of [...seen, late]) {
      expectAscending(events);
      expect(events.map(({ id, key }) => [id, key])).toEqual(late.events.map(({ id, key }) => [id, key]));
    }
  });

  it("stores one event for a key, however often and however parallel it is published", async () => {
    const { bus, second } = await start();
    const other = second?.() ?? bus;
    await bus.publish("once", { key: "a", data: "first" });
    await bus.publish("once", { key: "a", data: "second" });
    await other.publish("once", { key: "a", data: "third" });
    await Promise.all(range(10).map((index) => (index % 2 ? bus : other).publish("once", { key: "b", data: "b" })));
    await bus.publish("once.more", { key: "a", data: "of another topic" });
    const seen = follow(bus, "once");
    const more = follow(bus, "once.more");
    await Promise.all([seen.subscription.ready, more.subscription.ready]);
    expect(seen.events.map((event) => event.data)).toEqual(["first", "b"]);
    expect(more.events.map((event) => event.data)).toEqual(["of another topic"]);
  });
}

function testReplay(start: Start): void {
  it("replays all that is retained, and is ready when that is handed over", async () => {
    const { bus } = await start();
    await publishAll(bus, "history", range(20));
    const seen = follow(bus, "history");
    await seen.subscription.ready;
    expect(indexes(seen.events)).toEqual(range(20));
    expect(seen.states).toEqual(["live"]);
  });

  it("is ready at once on a topic that nobody has written to", async () => {
    const { bus } = await start();
    const seen = follow(bus, "silence");
    await seen.subscription.ready;
    expect(seen.events).toEqual([]);
    expect(seen.states).toEqual(["live"]);
  });

  it("replays only what came after a position", async () => {
    const { bus } = await start();
    await publishAll(bus, "history", range(10));
    const all = follow(bus, "history");
    await all.subscription.ready;
    const rest = follow(bus, "history", { after: all.events[6]?.id ?? "" });
    const none = follow(bus, "history", { after: all.events[9]?.id ?? "" });
    await Promise.all([rest.subscription.ready, none.subscription.ready]);
    expect(indexes(rest.events)).toEqual([7, 8, 9]);
    expect(none.events).toEqual([]);
    await publish(bus, "history", 10);
    await Promise.all([rest.until(4), none.until(1)]);
    expect(indexes(none.events)).toEqual([10]);
  });

  it.each(["", "not a position", "0", "9".repeat(15), "9".repeat(25), "-1", "1e3"])(
    "replays everything after a position that it does not know: %j",
    async (after) => {
      const { bus } = await start();
      await publishAll(bus, "history", range(3));
      const seen = follow(bus, "history", { after });
      await seen.subscription.ready;
      expect(indexes(seen.events)).toEqual([0, 1, 2]);
    },
  );

  it("loses nothing to a subscriber that leaves and resumes while others publish", async () => {
    const { bus, second } = await start();
    const publishing = publishAll(second?.() ?? bus, "stream", range(60));
    const seen: BusEvent[] = [];
    while (seen.length < 60) {
      const after = seen.at(-1)?.id;
      const visit = follow(bus, "stream", after === undefined ? {} : { after });
      await visit.until(Math.min(7, 60 - seen.length));
      await visit.subscription.close();
      seen.push(...visit.events);
    }
    await publishing;
    expect(indexes(seen)).toEqual(range(60));
  });

  it("forgets events and their keys after the retention", async (context) => {
    const { bus, outliveRetention } = await start();
    if (outliveRetention === undefined) return context.skip("the clock of this driver cannot be moved");
    await publishAll(bus, "history", range(3));
    outliveRetention();
    await publish(bus, "history", 1);
    const seen = follow(bus, "history");
    await seen.subscription.ready;
    expect(indexes(seen.events)).toEqual([1]);
  });
}

function testSubscribers(start: Start): void {
  it("keeps topics apart", async () => {
    const { bus } = await start();
    const seen = follow(bus, "a");
    await bus.publish("a.b", { key: "1", data: 1 });
    await bus.publish("b", { key: "1", data: 1 });
    await bus.publish("a", { key: "2", data: 2 });
    await seen.until(1);
    expect(seen.events.map((event) => event.key)).toEqual(["2"]);
  });

  it("gives each subscriber a value of its own, after a trip through JSON", async () => {
    const { bus } = await start();
    const data = { list: [1], when: new Date(0), nothing: undefined, text: "ü € 💡 \u0000" };
    const spoiler = follow(bus, "values", {
      onEvent: (event) => Object.assign(Object(event.data), { list: "spoilt" }),
    });
    const seen = follow(bus, "values");
    await bus.publish("values", { key: "ключ 🗝 with space\nand line", data });
    data.list.push(2);
    await bus.publish("values", { key: "nothing", data: undefined });
    await Promise.all([spoiler.subscription.ready, seen.until(2)]);
    expect(seen.events[0]?.key).toBe("ключ 🗝 with space\nand line");
    expect(seen.events[0]?.data).toEqual({ list: [1], when: "1970-01-01T00:00:00.000Z", text: "ü € 💡 \u0000" });
    expect(seen.events[1]?.data).toBeNull();
  });

  it("waits for a slow subscriber with its next event, and for nobody else's", async () => {
    const { bus } = await start();
    const release = Promise.withResolvers<void>();
    let running = 0;
    let overlap = 0;
    const slow = follow(bus, "work", {
      onEvent: async () => {
        overlap = Math.max(overlap, ++running);
        await release.promise;
        running--;
      },
    });
    const quick = follow(bus, "work");
    await publishAll(bus, "work", range(20));
    await quick.until(20);
    expect(slow.events).toHaveLength(1);
    release.resolve();
    await slow.until(20);
    expect(indexes(slow.events)).toEqual(range(20));
    expect(overlap).toBe(1);
  });

  it("reports what a subscriber throws, and goes on", async () => {
    const { bus, errors } = await start();
    const failing = follow(bus, "work", {
      onEvent: ({ key }) => {
        if (key === "key-0") throw new Error("thrown");
        if (key === "key-1") return Promise.reject(new Error("rejected"));
        return undefined;
      },
    });
    const other = follow(bus, "work");
    await publishAll(bus, "work", range(3));
    await Promise.all([failing.until(3), other.until(3)]);
    expect(errors.map(({ code }) => code)).toEqual(["subscriber_failed", "subscriber_failed"]);
    expect(errors.map(({ cause }) => cause)).toEqual([new Error("thrown"), new Error("rejected")]);
    expect(other.states).toEqual(["live"]);
  });

  it("hands nothing over once a subscription is closed, even from within", async () => {
    const { bus } = await start();
    const seen: number[] = [];
    const ended = Promise.withResolvers<void>();
    const subscription = bus.subscribe("work", {
      onEvent: async () => {
        seen.push(1);
        await subscription.close();
        ended.resolve();
      },
    });
    const other = follow(bus, "work");
    await publishAll(bus, "work", range(5));
    await Promise.all([ended.promise, other.until(5)]);
    await subscription.close();
    expect(seen).toEqual([1]);
  });

  it("ends subscriptions with the bus, and refuses afterwards", async () => {
    const { bus } = await start();
    const waiting = bus.subscribe("work", { onEvent: () => undefined });
    const closing = bus.close();
    await Promise.all([closing, bus.close()]);
    await waiting.ready.catch((error: unknown) => expect(error).toMatchObject({ code: "closed" }));
    await expect(bus.publish("work", { key: "1", data: 1 })).rejects.toMatchObject({ code: "closed" });
    expect(() => bus.subscribe("work", { onEvent: () => undefined })).toThrow(
      expect.objectContaining({ code: "closed" }),
    );
  });
}

function testRefusals(start: Start): void {
  it.each(["", "Upper", "a b", "a.", ".a", "a..b", "a.*", "a.>", "ä", "x".repeat(129)])(
    "refuses the topic %j",
    async (topic) => {
      const { bus } = await start();
      await expect(bus.publish(topic, { key: "1", data: 1 })).rejects.toMatchObject({ code: "invalid_topic" });
      expect(() => bus.subscribe(topic, { onEvent: () => undefined })).toThrow(
        expect.objectContaining({ code: "invalid_topic" }),
      );
    },
  );

  it("refuses an event that not every driver could store", async () => {
    const { bus } = await start();
    const circular: { self?: unknown } = {};
    circular.self = circular;
    const events = [
      { key: "", data: 1 },
      { key: "x".repeat(257), data: 1 },
      { key: "circular", data: circular },
      { key: "bigint", data: 1n },
      { key: "big", data: "x".repeat(256 * 1024) },
    ];
    for (const event of events) {
      await expect(bus.publish("work", event)).rejects.toMatchObject({ code: "invalid_event" });
    }
  });
}

function testOutage(start: Start): void {
  it("says down during an outage, and live when what was missed has been handed over", async (context) => {
    const { bus, second, cut, mend, errors } = await start();
    if (cut === undefined || mend === undefined || second === undefined) return context.skip("nothing to cut");
    const other = second();
    const statesSeenWith: number[] = [];
    const seen = follow(bus, "work", { onState: () => void statesSeenWith.push(seen.events.length) });
    await publishAll(bus, "work", range(5));
    await seen.until(5);

    await cut();
    await seen.untilState("down");
    await expect(bus.publish("work", { key: "lost", data: { index: -1 } })).rejects.toMatchObject({
      code: "unavailable",
    });
    const late = follow(bus, "work");
    await publishAll(other, "work", range(10).slice(5));
    expect(seen.events).toHaveLength(5);

    await mend();
    await Promise.all([seen.untilState("live"), late.subscription.ready]);
    expect(indexes(seen.events).slice(0, 10)).toEqual(range(10));
    expect(indexes(late.events).slice(0, 10)).toEqual(range(10));
    expect(seen.states).toEqual(["live", "down", "live"]);
    expect(statesSeenWith.at(-1)).toBeGreaterThanOrEqual(10);
    expect(errors.every(({ code }) => code === "unavailable")).toBe(true);
    await publish(bus, "work", 10);
    await publish(other, "work", 11);
    await until(() => indexes(seen.events).includes(11));
    expect(indexes(seen.events).filter((index) => index >= 0)).toEqual(range(12));
  });
}

type Followed = {
  readonly events: readonly BusEvent[];
  readonly states: readonly BusState[];
  readonly subscription: Subscription;
  until(count: number): Promise<void>;
  untilState(state: BusState): Promise<void>;
};

function follow(bus: EventBus, topic: string, options: Partial<SubscribeOptions> = {}): Followed {
  const events: BusEvent[] = [];
  const states: BusState[] = [];
  const subscription = bus.subscribe(topic, {
    ...options,
    onEvent: (event) => {
      events.push(event);
      return options.onEvent?.(event);
    },
    onState: (state) => {
      states.push(state);
      options.onState?.(state);
    },
  });
  return {
    events,
    states,
    subscription,
    until: (count) => until(() => events.length >= count),
    untilState: (state) => until(() => states.at(-1) === state),
  };
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error("Waited ten seconds in vain.");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function publishAll(bus: EventBus, topic: string, numbers: readonly number[]): Promise<void> {
  for (const index of numbers) await publish(bus, topic, index);
}

function publish(bus: EventBus, topic: string, index: number): Promise<void> {
  return bus.publish(topic, { key: `key-${index}`, data: { index } });
}

function indexes(events: readonly BusEvent[]): readonly number[] {
  return events.map(({ data }) => Number(Object(data).index));
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function expectAscending(events: readonly BusEvent[]): void {
  const ids = events.map(({ id }) => BigInt(id));
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => (a < b ? -1 : 1)));
}
