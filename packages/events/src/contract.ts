import { afterEach, describe } from "vitest";
import type { BusUnderTest } from "./contract/bus-under-test.ts";
import { testOrder } from "./contract/order.ts";
import { testOutage } from "./contract/outage.ts";
import { testRefusals } from "./contract/refusals.ts";
import { testReplay } from "./contract/replay.ts";
import { testSubscribers } from "./contract/subscribers.ts";

export type { BusUnderTest } from "./contract/bus-under-test.ts";

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
