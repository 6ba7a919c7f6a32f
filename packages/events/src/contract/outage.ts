import { expect, it } from "vitest";
import type { Start } from "./bus-under-test.ts";
import { follow, indexes, publish, publishAll, range, until } from "./follow.ts";

/** What holds while the store or broker cannot be reached. */
export function testOutage(start: Start): void {
  it("says down during an outage, and live when what was missed has been handed over", async (context) => {
    const { bus, second, cut, mend, errors } = await start();
    if (cut === undefined || mend === undefined || second === undefined) {
      context.skip("nothing to cut");
      return;
    }
    const other = second();
    const statesSeenWith: number[] = [];
    const seen = follow(bus, "work", { onState: () => void statesSeenWith.push(seen.events.length) });
    await publishAll(bus, "work", range(5));
    await Promise.all([seen.until(5), seen.subscription.ready]);

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
