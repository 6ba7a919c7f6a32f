import { expect, it } from "vitest";
import type { Start } from "./bus-under-test.ts";
import { expectAscending, follow, publish, publishAll, range } from "./follow.ts";

/** Order, and one event for one key. */
export function testOrder(start: Start): void {
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
