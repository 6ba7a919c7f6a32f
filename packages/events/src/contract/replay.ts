import { expect, it } from "vitest";
import type { BusEvent } from "../bus.ts";
import type { Start } from "./bus-under-test.ts";
import { follow, indexes, publish, publishAll, range } from "./follow.ts";

/** What a subscriber gets of the past. */
export function testReplay(start: Start): void {
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
    if (outliveRetention === undefined) {
      context.skip("the clock of this driver cannot be moved");
      return;
    }
    await publishAll(bus, "history", range(3));
    outliveRetention();
    await publish(bus, "history", 1);
    const seen = follow(bus, "history");
    await seen.subscription.ready;
    expect(indexes(seen.events)).toEqual([1]);
  });
}
