import { describeDatabases } from "@countersign/testing";
import { eq, sql } from "drizzle-orm";
import { integer, pgSchema, text } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Observe } from "./observe.ts";
import { openDatabase } from "./open.ts";
import type { OpenDatabase } from "./types.ts";

const people = pgSchema("observed").table("people", { id: integer().primaryKey(), name: text().notNull() });

describeDatabases("an observed database", { migrations: [] }, (_open, { kind, url }) => {
  const statements: string[] = [];
  let running = 0;
  let database: OpenDatabase;

  const observe: Observe = async (statement, run) => {
    statements.push(statement);
    running += 1;
    return await run().finally(() => (running -= 1));
  };
  beforeAll(async () => {
    database = await openDatabase(kind === "pglite" ? "memory:" : (url() ?? ""), { observe });
  }, 120_000); // PGlite without a snapshot takes its time on a busy machine
  afterAll(() => database.close());

  it("tells of every statement once, of transactions too, and never of a value", async () => {
    await database.query("create schema observed");
    await database.query("create table observed.people (id int primary key, name text not null)");
    const { db } = database;
    await db.insert(people).values({ id: 1, name: "a secret name" });
    await db.transaction(async (tx) => {
      await tx.update(people).set({ name: "another secret" }).where(eq(people.id, 1));
      expect(await tx.select().from(people)).toEqual([{ id: 1, name: "another secret" }]);
    });
    await expect(db.insert(people).values({ id: 1, name: "twice" })).rejects.toThrow("Failed query");
    await expect(database.query("selekt 1")).rejects.toThrow("syntax error");

    const of = (start: string) => statements.filter((statement) => statement.startsWith(start)).length;
    expect([of("create"), of("insert"), of("update"), of("select"), of("selekt"), running]).toEqual([2, 2, 1, 1, 1, 0]);
    expect(statements.join()).not.toMatch(/secret|twice/);
  });
});

describeDatabases("the connections of a database", { migrations: [] }, (open, { kind, openAgain }) => {
  it("are counted where there is a pool", async (context) => {
    const database = await open();
    if (kind === "pglite") {
      expect(database.pool()).toBeNull();
      context.skip("an embedded database has no pool");
    }
    await database.ping();
    expect(database.pool()).toMatchObject({ size: 10, open: 1, idle: 1, waiting: 0 });
    const other = await openAgain();
    const many = await other.db.transaction(async (tx) => {
      await tx.execute(sql`select pg_advisory_xact_lock(15)`);
      const waiting = Array.from({ length: 15 }, () => database.query("select pg_advisory_xact_lock_shared(15)"));
      await expect.poll(() => database.pool(), { timeout: 10_000 }).toMatchObject({ open: 10, waiting: 5 });
      return { waiting }; // a promise alone would be waited for
    });
    await Promise.all(many.waiting);
    await other.close();
    expect(database.pool()).toMatchObject({ open: 10, idle: 10, waiting: 0 });
  });
});
