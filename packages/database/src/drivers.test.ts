import { describeDatabases } from "@countersign/testing";
import { sql } from "drizzle-orm";
import { bigint, boolean, integer, jsonb, numeric, pgSchema, text, timestamp } from "drizzle-orm/pg-core";
import { beforeAll, expect, it } from "vitest";
import { isSerializationFailure, isUnavailable, isUniqueViolation } from "./error-codes.ts";
import { rowsOf } from "./rows.ts";
import type { Database } from "./types.ts";

const things = pgSchema("trial").table("things", {
  id: integer().primaryKey(),
  big: bigint({ mode: "bigint" }),
  safe: bigint({ mode: "number" }),
  price: numeric(),
  at: timestamp({ withTimezone: true }),
  atText: timestamp("at_text", { withTimezone: true, mode: "string" }),
  data: jsonb(),
  tags: text().array(),
  open: boolean(),
});

const createThings = `
  create table trial.things (
    id int primary key, big bigint, safe bigint, price numeric, at timestamptz, at_text timestamptz,
    data jsonb, tags text[], open boolean
  )`;

describeDatabases("the two drivers", { migrations: [] }, (open) => {
  beforeAll(async () => {
    const database = await open();
    await database.query("create schema trial");
    await database.query(createThings);
  });

  it("give the same values of a schema", async () => {
    const { db } = await open();
    const at = new Date("2026-02-03T04:05:06.789Z");
    const row = {
      id: 1,
      big: 9_223_372_036_854_775_807n,
      safe: 1_767_225_600_000,
      price: "12345678901234567890.123456789",
      at,
      atText: "2026-02-03 04:05:06.789+00",
      data: { list: [1, "two", null], text: "ü 💡" },
      tags: ["a,b", 'c"d', ""],
      open: true,
    };
    await db.insert(things).values(row);
    expect(await db.select().from(things).where(sql`${things.at} = ${at.toISOString()}`)).toEqual([row]);
  });

  it("give the same values without a schema", async () => {
    const database = await open();
    const statement = `select 1::int2 as int2, 2::int4 as int4, 3::int8 as int8, array[4::int8, 5] as int8s,
      6.70::numeric as numeric, 8.5::float8 as float8, true as bool, 'text' as text, null as nothing,
      '{"a":[1]}'::json as json, '{"b":2}'::jsonb as jsonb, array['x', 'y'] as texts,
      timestamptz '2026-01-02 03:04:05.678+02' as timestamptz, date '2026-01-02' as date,
      timestamp '2026-01-02 03:04:05' as timestamp, interval '1 day 2 hours' as interval,
      '6f2c1f2e-8f0a-4f5e-9a55-2f0f4b0c1d2e'::uuid as uuid, count(*) as count`;
    const expected = {
      int2: 1,
      int4: 2,
      int8: "3",
      int8s: ["4", "5"],
      numeric: "6.70",
      float8: 8.5,
      bool: true,
      text: "text",
      nothing: null,
      json: { a: [1] },
      jsonb: { b: 2 },
      texts: ["x", "y"],
      timestamptz: "2026-01-02 01:04:05.678+00",
      date: "2026-01-02",
      timestamp: "2026-01-02 03:04:05",
      interval: "1 day 02:00:00",
      uuid: "6f2c1f2e-8f0a-4f5e-9a55-2f0f4b0c1d2e",
      count: "1",
    };
    expect(rowsOf(await database.db.execute(sql.raw(statement)))).toEqual([expected]);
    expect(await database.query(statement)).toEqual([expected]);
    expect(await database.query(`${statement} where $1::int = 1`, [1])).toEqual([expected]);
  });

  it("take the same parameters in a raw statement", async () => {
    const { db } = await open();
    const result = await db.execute(
      sql`select ${new Date(0)}::timestamptz as date, ${5n}::int8 as big, ${"1.5"}::numeric as num, ${true}::bool as yes,
        ${null}::text as nothing, ${JSON.stringify({ a: 1 })}::jsonb as json`,
    );
    expect(rowsOf(result)).toEqual([
      { date: "1970-01-01 00:00:00+00", big: "5", num: "1.5", yes: true, nothing: null, json: { a: 1 } },
    ]);
  });

  it("read bytes", async () => {
    const [row] = await (await open()).query("select '\\x00ff10'::bytea as bytes");
    const { bytes } = row ?? {};
    expect(bytes instanceof Uint8Array && [...bytes]).toEqual([0, 255, 16]);
  });

  it("roll a failed transaction back, and a nested one alone", async () => {
    const { db } = await open();
    await expect(
      db.transaction(async (tx) => {
        await tx.insert(things).values({ id: 10 });
        throw new Error("changed my mind");
      }),
    ).rejects.toThrow("changed my mind");
    await db.transaction(async (tx) => {
      await tx.insert(things).values({ id: 11 });
      const inner = tx.transaction(async (nested) => {
        await nested.insert(things).values({ id: 12 });
        await nested.insert(things).values({ id: 11 });
      });
      expect(isUniqueViolation(await inner.catch((error: unknown) => error), "things_pkey")).toBe(true);
      await tx.insert(things).values({ id: 13 });
    });
    expect(await idsFrom(db, 10)).toEqual([11, 13]);
  });

  it("do not commit a transaction of which a statement failed, even if that was caught", async () => {
    const { db } = await open();
    const run = db.transaction(async (tx) => {
      await tx.insert(things).values({ id: 20 });
      await tx.execute(sql`select 1 / 0`).catch(() => undefined);
    });
    await expect(run).rejects.toBeInstanceOf(Error);
    expect(await idsFrom(db, 20)).toEqual([]);
  });

  it("lose no update of transactions in parallel", async () => {
    const { db } = await open();
    await db.insert(things).values({ id: 30, safe: 0 });
    await Promise.all(
      Array.from({ length: 20 }, () =>
        db.transaction(async (tx) => {
          const [row] = await tx.select().from(things).where(sql`id = 30`).for("update");
          await tx
            .update(things)
            .set({ safe: (row?.safe ?? 0) + 1 })
            .where(sql`id = 30`);
        }),
      ),
    );
    expect((await db.select().from(things).where(sql`id = 30`))[0]?.safe).toBe(20);
  });

  it("name a unique violation and its constraint, and nothing else, so", async () => {
    const { db } = await open();
    await db.insert(things).values({ id: 40 });
    const error = await db
      .insert(things)
      .values({ id: 40 })
      .catch((cause: unknown) => cause);
    expect(isUniqueViolation(error)).toBe(true);
    expect(isUniqueViolation(error, "things_pkey")).toBe(true);
    expect(isUniqueViolation(error, "another")).toBe(false);
    expect(isUnavailable(error)).toBe(false);
    expect(isSerializationFailure(error)).toBe(false);
    const other = await db.execute(sql`select * from nowhere`).catch((cause: unknown) => cause);
    expect(isUniqueViolation(other)).toBe(false);
  });

  it("notify the listeners of a channel, in order, until they leave", async () => {
    const database = await open();
    const heard: string[] = [];
    const states: string[] = [];
    const leave = await database.listen("trial_channel", (payload) => heard.push(payload), {
      onState: (state) => states.push(state),
    });
    const stay = await database.listen("trial_channel", (payload) => heard.push(`also ${payload}`));
    const notify = (payload: string) => database.query("select pg_notify('trial_channel', $1)", [payload]);
    await notify("1");
    await notify("2");
    await expect.poll(() => heard).toHaveLength(4);
    expect(heard.filter((payload) => !payload.startsWith("also"))).toEqual(["1", "2"]);
    expect(states).toEqual(["live"]);
    await leave();
    await notify("3");
    await expect.poll(() => heard).toContain("also 3");
    expect(heard).not.toContain("3");
    await stay();
  });

  it("refuse a channel that one of them would not quote", async () => {
    await expect((await open()).listen('odd "channel', () => undefined)).rejects.toThrow(TypeError);
  });

  it("answer a ping", async () => {
    await expect((await open()).ping()).resolves.toBeUndefined();
  });
});

async function idsFrom(db: Database, first: number): Promise<readonly number[]> {
  const rows = await db
    .select({ id: things.id })
    .from(things)
    .where(sql`id between ${first} and ${first + 9}`);
  return rows.map(({ id }) => id).toSorted((a, b) => a - b);
}
