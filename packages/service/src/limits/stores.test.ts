import { silentLog } from "@countersign/testing";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { answersRedis, removeKeys, sharedRedisUrl } from "../../test/redis-server.ts";
import type { LimitStore } from "./limit-store.ts";
import { createMemoryStore } from "./memory-store.ts";
import { openRedisStore } from "./redis-store.ts";

const prefix = `countersign-test-${crypto.randomUUID()}`;
const absent = (await answersRedis(sharedRedisUrl)) ? "" : ` (skipped: no Redis at ${sharedRedisUrl})`;

const stores: readonly [string, boolean, () => Promise<LimitStore>][] = [
  ["in this process", false, async () => createMemoryStore()],
  [`in Redis${absent}`, absent !== "", () => openRedisStore({ url: sharedRedisUrl, prefix, log: silentLog })],
];

for (const [place, isAbsent, open] of stores) {
  describe.skipIf(isAbsent)(`a store of limits ${place}`, () => {
    let store: LimitStore;
    let key: string;
    beforeEach(async () => {
      store = await open();
      key = crypto.randomUUID();
    });
    afterEach(() => store.close());

    it("counts by key, and says when the window ends", async () => {
      const first = await store.add(key, 1, 60);
      expect(first.calls).toBe(1);
      expect(first.msLeft).toBeGreaterThan(55_000); // a busy machine looks a moment later
      expect(first.msLeft).toBeLessThanOrEqual(60_000);
      const second = await store.add(key, 20, 60);
      expect(second.calls).toBe(21);
      expect(second.msLeft).toBeGreaterThan(0);
      expect(second.msLeft).toBeLessThanOrEqual(60_000);
      expect(await store.add(`${key}-other`, 1, 60)).toMatchObject({ calls: 1 });
    });

    it("gives no two of fifty calls at once the same number", async () => {
      const tallies = await Promise.all(Array.from({ length: 50 }, () => store.add(key, 1, 60)));
      expect(new Set(tallies.map(({ calls }) => calls)).size).toBe(50);
    });

    it("takes back", async () => {
      await store.add(key, 5, 60);
      expect(await store.add(key, -2, 60)).toMatchObject({ calls: 3 });
    });

    it("begins anew when the window is over", async () => {
      await store.add(key, 7, 1);
      await new Promise((resolve) => setTimeout(resolve, 1_050));
      expect(await store.add(key, 1, 1)).toMatchObject({ calls: 1 });
    });
  });
}

describe.skipIf(absent !== "")("stores of two processes", () => {
  it("count together", async () => {
    const options = { url: sharedRedisUrl, prefix, log: silentLog };
    const both = await Promise.all([openRedisStore(options), openRedisStore(options)]);
    const key = crypto.randomUUID();
    const tallies = await Promise.all(
      Array.from({ length: 50 }, (_, index) => both[index % 2 === 0 ? 0 : 1].add(key, 1, 60)),
    );
    expect(tallies.map(({ calls }) => calls).toSorted((one, other) => one - other)).toEqual(
      Array.from({ length: 50 }, (_, index) => index + 1),
    );
    await Promise.all(both.map((store) => store.close()));
  });
});

describe("a store in this process", () => {
  it("holds only so many keys, and forgets the one that was not seen for longest", async () => {
    const store = createMemoryStore({ maxKeys: 3 });
    for (const key of ["a", "b", "c", "a", "d"]) await store.add(key, 1, 60);
    expect(await store.add("a", 1, 60)).toMatchObject({ calls: 3 });
    expect(await store.add("b", 1, 60)).toMatchObject({ calls: 1 });
    await store.close();
  });
});

afterAll(async () => {
  if (absent === "") await removeKeys(sharedRedisUrl, prefix);
});
