import type { Log } from "@countersign/context";
import { silentLog } from "@countersign/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createRedisServer, hasRedisServer, type RedisServer } from "../../test/redis-server.ts";
import { type LimitStore, LimitStoreError } from "./limit-store.ts";
import { createLimiter } from "./limiter.ts";
import { openRedisStore } from "./redis-store.ts";

const noProgram = hasRedisServer() ? "" : " (skipped: no program redis-server)";

describe.skipIf(noProgram !== "")(`a store of limits that goes away${noProgram}`, () => {
  let server: RedisServer;
  let store: LimitStore;
  let lines: string[];
  beforeEach(async () => {
    server = await createRedisServer();
    await server.start();
    lines = [];
    const write = (_: object, line: string) => void lines.push(line);
    const log: Log = { ...silentLog, info: write, warn: write };
    store = await openRedisStore({ url: server.url, log });
  });
  afterEach(async () => {
    await store.close();
    await server.kill();
  });

  const away = "The store of limits cannot be asked; see the guide on operating.";
  const back = "The store of limits answers again.";

  it("refuses what is strict, counts the rest for itself, and is back by itself", async () => {
    const outcomes: string[] = [];
    const observe = (limit: string, outcome: string) => void outcomes.push(`${limit} ${outcome}`);
    const limiter = createLimiter({ store, observe, now: Date.now });
    const strict = limiter.define("sign-in", { calls: 3, perSeconds: 60, strict: true });
    const loose = limiter.define("list", { calls: 3, perSeconds: 60 });
    const tryLoose = async () => (await loose.take("a")).allowed;
    expect([await tryLoose(), (await strict.take("a")).allowed]).toEqual([true, true]);

    await server.kill();
    await expect(strict.take("a")).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE", retryAfterSeconds: 1 });
    expect([await tryLoose(), await tryLoose(), await tryLoose(), await tryLoose()]).toEqual([true, true, true, false]);
    expect(outcomes).toContain("list uncounted");
    expect(store.available()).toBe(false);

    await server.start();
    await eventually(async () => expect((await strict.take("a")).allowed).toBe(true));
    expect(store.available()).toBe(true);
    expect(lines).toEqual([away, back]);
  });

  it("keeps no more than the first calls waiting when it only hangs, and those for a moment", async () => {
    await store.add("a", 1, 60);
    server.hold();
    const waiting = Date.now();
    await Promise.all(Array.from({ length: 20 }, () => expect(store.add("a", 1, 60)).rejects.toThrow(LimitStoreError)));
    expect(Date.now() - waiting).toBeLessThan(3_000); // it is half a second, on a machine that has nothing else to do
    const refusals = Array.from({ length: 100 }, () => store.add("a", 1, 60).catch((error: unknown) => error));
    expect(await Promise.all(refusals)).toEqual(Array(100).fill(expect.any(LimitStoreError)));
    server.resume();
    await eventually(async () => expect((await store.add("a", 1, 60)).calls).toBeGreaterThan(1));
    expect(lines).toEqual([away, back]);
  });

  it("may be away when the service starts", async () => {
    await server.kill();
    const early = await openRedisStore({ url: server.url, log: silentLog });
    await expect(early.add("a", 1, 60)).rejects.toThrow(LimitStoreError);
    await server.start();
    await eventually(async () => expect(await early.add("a", 1, 60)).toMatchObject({ calls: 1 }));
    await early.close();
  });
});

/** Tries again until it holds; five seconds at most. */
async function eventually(holds: () => Promise<void>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return await holds();
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
