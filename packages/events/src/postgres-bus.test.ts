import { randomBytes } from "node:crypto";
import { createCable, describeDatabases, describePostgres } from "@countersign/testing";
import { describe, expect, it } from "vitest";
import type { BusError } from "./bus-error.ts";
import { runBusContract } from "./contract.ts";
import type { PostgresPort } from "./postgres/port.ts";
import { statementsOf } from "./postgres/statements.ts";
import { createPostgresBus } from "./postgres-bus.ts";

const retentionMs = 60_000;

describeDatabases("createPostgresBus", { migrations: [] }, (open, { kind, url, openAgain }) => {
  runBusContract(`the driver over ${kind}`, async () => {
    const schema = `bus_${randomBytes(4).toString("hex")}`;
    const direct = await open();
    const cable = kind === "postgres" ? await createCable(Number(new URL(url() ?? "").port || 5432)) : null;
    const near = cable === null ? direct : await openAgain(cable.port);
    const errors: BusError[] = [];
    let skip = 0;
    const create = (database: PostgresPort) =>
      createPostgresBus({
        database,
        now: () => Date.now() + skip,
        retentionMs,
        onError: (error) => errors.push(error),
        schema,
      });
    const buses = [create(near)];
    return {
      bus: buses[0] ?? create(near),
      errors,
      second: () => {
        const bus = create(direct);
        buses.push(bus);
        return bus;
      },
      outliveRetention: () => {
        skip += 2 * retentionMs;
      },
      ...(cable === null ? {} : { cut: () => cable.cut(), mend: () => cable.mend() }),
      dispose: async () => {
        await Promise.all(buses.map((bus) => bus.close()));
        if (near !== direct) await near.close();
        await cable?.close();
        await direct.query(`drop schema if exists ${schema} cascade`);
      },
    };
  });
});

describePostgres("createPostgresBus", { migrations: [] }, (open) => {
  it("draws positions in the order of the commits, so that no reader passes one by", async () => {
    const { db, ...database } = await open();
    const bus = createPostgresBus({ database, now: Date.now, retentionMs, onError: () => undefined });
    const keys: string[] = [];
    await bus.subscribe("a", { onEvent: ({ key }) => void keys.push(key) }).ready;
    const held = Promise.withResolvers<void>();
    const drawn = Promise.withResolvers<void>();
    const slow = db.transaction(async (tx) => {
      const append = statementsOf("events").append.replaceAll("$1", "'a'").replace("$2", "'slow'");
      await tx.execute(append.replace("$3", "'1'").replace("$4", String(Date.now())));
      drawn.resolve();
      await held.promise;
    });
    await drawn.promise;
    const quick = bus.publish("a", { key: "quick", data: 2 });
    await bus.publish("another", { key: "other", data: 3 });
    expect(keys).toEqual([]);
    held.resolve();
    await Promise.all([slow, quick]);
    await expect.poll(() => keys).toEqual(["slow", "quick"]);
    await bus.close();
  });

  it("finds by itself what nobody notified it of", async () => {
    const database = await open();
    const deaf: PostgresPort = {
      ...database,
      listen: (_, __, options) => database.listen("unheard", () => undefined, options),
    };
    const bus = createPostgresBus({ database: deaf, now: Date.now, retentionMs, onError: () => undefined, pollMs: 20 });
    const keys: string[] = [];
    await bus.subscribe("polled", { onEvent: ({ key }) => void keys.push(key) }).ready;
    await bus.publish("polled", { key: "found", data: 1 });
    await expect.poll(() => keys).toEqual(["found"]);
    await bus.close();
  });
});

function fail(): Promise<never> {
  return Promise.reject(new Error("no database"));
}

describe("createPostgresBus", () => {
  it("keeps trying a database that is down at the start, and is told when it is not", async () => {
    let up = false;
    const database: PostgresPort = {
      query: async (text) => {
        if (!up) throw new Error("down");
        return text.includes("to_regclass") ? [{ made: true }] : [];
      },
      listen: async (_channel, _onPayload, { onState }) => {
        if (!up) throw new Error("down");
        onState("live");
        return async () => undefined;
      },
    };
    const errors: BusError[] = [];
    const bus = createPostgresBus({ database, now: Date.now, retentionMs, onError: (error) => errors.push(error) });
    const states: string[] = [];
    const subscription = bus.subscribe("a", { onEvent: () => undefined, onState: (state) => states.push(state) });
    await expect.poll(() => states).toEqual(["down"]);
    up = true;
    await subscription.ready;
    expect(states).toEqual(["down", "live"]);
    expect(errors.map(({ code }) => code)).toEqual(["unavailable"]);
    await bus.close();
  });

  it("refuses a schema that would need quotes", () => {
    const database = { query: fail, listen: fail };
    const options = { database, now: Date.now, retentionMs, onError: () => undefined, schema: 'a"b' };
    expect(() => createPostgresBus(options)).toThrow(TypeError);
  });
});
