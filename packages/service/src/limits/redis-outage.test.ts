import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Log } from "@countersign/context";
import { silentLog } from "@countersign/testing";
import { Redis } from "ioredis";
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

  it("moves to the new primary when a failover keeps its connection to a replica", async () => {
    const other = await createRedisServer();
    await other.start();
    const ways = await createSwitch(portOf(server));
    const moved = await openRedisStore({ url: `redis://127.0.0.1:${ways.port}`, log: silentLog });
    expect(await moved.add("a", 1, 60)).toMatchObject({ calls: 1 });

    await command(server, "replicaof", "127.0.0.1", String(portOf(other)));
    ways.leadTo(portOf(other));
    await expect(moved.add("b", 1, 60)).rejects.toThrow(LimitStoreError);
    await eventually(async () => expect(await moved.add("b", 1, 60)).toMatchObject({ calls: 1 }));
    expect(await command(other, "get", "countersign:limits:b")).toBe("1");
    await moved.close();
    await ways.close();
    await other.kill();
  });

  it.each([
    ["has lost its end", ["persist", "countersign:limits:a"], 2],
    ["ends long after its window", ["expire", "countersign:limits:a", "99999"], 2],
    ["holds something else", ["set", "countersign:limits:a", "nonsense"], 1],
    ["is of another type", ["lpush", "countersign:limits:a", "nonsense"], 1],
  ])("repairs a key that %s", async (_what, [name = "", ...args], calls) => {
    await store.add("a", 1, 60);
    if (name === "lpush") await command(server, "del", "countersign:limits:a");
    await command(server, name, ...args);
    const tally = await store.add("a", 1, 60);
    expect(tally.calls).toBe(calls);
    expect(tally.msLeft).toBeGreaterThan(55_000);
    const left = Number(await command(server, "pttl", "countersign:limits:a"));
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(60_000);
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

function portOf({ url }: RedisServer): number {
  return Number(new URL(url).port);
}

async function command({ url }: RedisServer, name: string, ...args: readonly string[]): Promise<unknown> {
  const client = new Redis(url);
  const answer = await client.call(name, ...args);
  client.disconnect();
  return answer;
}

/** A way to a server on 127.0.0.1 that can lead to another one; connections that are open stay where they lead. */
async function createSwitch(port: number) {
  let target = port;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(target, "127.0.0.1");
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => void (near.destroy(), far.destroy()));
    }
    near.pipe(far).pipe(near);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: own } = server.address() as AddressInfo; // it listens on a port, hence not on a path
  return {
    port: own,
    leadTo: (next: number) => void (target = next),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

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
