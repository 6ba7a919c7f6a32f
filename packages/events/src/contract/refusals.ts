import { expect, it } from "vitest";
import type { Start } from "./bus-under-test.ts";

/** What is no topic and no event. */
export function testRefusals(start: Start): void {
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
