import { describe, expect, it } from "vitest";
import type { BusError } from "./bus-error.ts";
import { runBusContract } from "./contract.ts";
import { createInProcessBus } from "./in-process-bus.ts";

const retentionMs = 60_000;

runBusContract("the in-process driver", async () => {
  const errors: BusError[] = [];
  let skip = 0;
  const bus = createInProcessBus({
    now: () => Date.now() + skip,
    retentionMs,
    onError: (error) => void errors.push(error),
  });
  return {
    bus,
    errors,
    outliveRetention: () => {
      skip += retentionMs + 1;
    },
    dispose: () => bus.close(),
  };
});

describe("createInProcessBus", () => {
  it("knows a position of an earlier process for what it is", async () => {
    const ids: string[] = [];
    const first = createInProcessBus({ now: () => 1_000, retentionMs });
    await first.publish("a", { key: "1", data: 1 });
    await first.publish("a", { key: "2", data: 2 });
    await first.subscribe("a", { onEvent: ({ id }) => void ids.push(id) }).ready;

    const second = createInProcessBus({ now: () => 2_000, retentionMs });
    await second.publish("a", { key: "3", data: 3 });
    const seen: unknown[] = [];
    await second.subscribe("a", { after: ids.at(-1) ?? "", onEvent: ({ data }) => void seen.push(data) }).ready;
    expect(seen).toEqual([3]);
  });
});
