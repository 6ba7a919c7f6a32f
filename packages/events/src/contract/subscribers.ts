import { expect, it } from "vitest";
import { BusError } from "../bus-error.ts";
import type { Start } from "./bus-under-test.ts";
import { follow, indexes, publishAll, range } from "./follow.ts";

/** What subscribers may do to each other: nothing. */
export function testSubscribers(start: Start): void {
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
      onEvent: ({ data: value }) => {
        if (typeof value === "object" && value !== null) Object.assign(value, { list: "spoilt" });
      },
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
    await Promise.all([failing.until(3), other.until(3), other.subscription.ready]);
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
    const code = await waiting.ready.catch((error: unknown) => error instanceof BusError && error.code);
    expect([undefined, "closed"]).toContain(code);
    await expect(bus.publish("work", { key: "1", data: 1 })).rejects.toMatchObject({ code: "closed" });
    expect(() => bus.subscribe("work", { onEvent: () => undefined })).toThrow(
      expect.objectContaining({ code: "closed" }),
    );
  });
}
