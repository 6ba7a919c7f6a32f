import { describe, expect, it } from "vitest";
import { createFairQueue, type FairQueue } from "./fair-queue.ts";

/** Everything that waits, in the order in which it is served. */
function drain<Item>(queue: FairQueue<Item>): Item[] {
  const items: Item[] = [];
  for (let item = queue.take(); item !== null; item = queue.take()) items.push(item);
  return items;
}

describe("a fair queue", () => {
  it("serves owners in turn, whoever came first and however many each put in", () => {
    const queue = createFairQueue<string>(100);
    for (let index = 0; index < 4; index += 1) queue.add(["flood"], `flood ${index}`);
    queue.add(["alice"], "alice");
    queue.add(["bob"], "bob 0");
    queue.add(["bob"], "bob 1");
    expect(drain(queue)).toEqual(["flood 0", "alice", "bob 0", "flood 1", "bob 1", "flood 2", "flood 3"]);
    expect(queue.size()).toBe(0);
  });

  it("does so within an owner as well: of a network its addresses, of an address its accounts", () => {
    const queue = createFairQueue<string>(100);
    for (let index = 0; index < 3; index += 1) queue.add(["office", "busy"], `busy ${index}`);
    queue.add(["office", "quiet"], "quiet");
    queue.add(["home", "carol"], "carol");
    expect(drain(queue)).toEqual(["busy 0", "carol", "quiet", "busy 1", "busy 2"]);
  });

  it("is bounded, and who has most of it makes room for a newcomer", () => {
    const queue = createFairQueue<string>(6);
    const add = (owner: readonly string[], count: number) =>
      Array.from({ length: count }, (_, index) => queue.add(owner, `${owner.at(-1)} ${index}`));
    expect(add(["flood"], 8)).toEqual([null, null, null, null, null, null, "flood 6", "flood 7"]);
    expect(add(["other"], 3)).toEqual(["flood 5", "flood 4", "flood 3"]);
    expect(add(["other"], 1)).toEqual(["other 0"]);
    expect(add(["third"], 1)).toEqual(["flood 2"]);
    expect(queue.size()).toBe(6);
    expect(drain(queue)).toHaveLength(6);
  });

  it("makes room within an owner as well", () => {
    const queue = createFairQueue<string>(3);
    for (const item of ["busy 0", "busy 1", "busy 2"]) queue.add(["office", "busy"], item);
    expect(queue.add(["office", "quiet"], "quiet")).toBe("busy 2");
    expect(drain(queue)).toEqual(["busy 0", "quiet", "busy 1"]);
  });
});
