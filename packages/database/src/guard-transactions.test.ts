import { describeDatabases } from "@countersign/testing";
import { sql } from "drizzle-orm";
import { expect, it } from "vitest";
import { isUnavailable } from "./error-codes.ts";

const refusal = "Inside of a transaction use the `tx` that it gives, and wait for nothing else.";

describeDatabases("a transaction on one connection", { migrations: [] }, (open, { kind }) => {
  it("refuses what would wait for its own end", async (context) => {
    if (kind === "postgres") context.skip("a server has a connection for each");
    const database = await open();
    const { db } = database;
    await database.query("create table public.rows (id int primary key)");
    await expect(
      db.transaction(async (tx) => {
        await tx.execute(sql`insert into public.rows values (1)`);
        await db.execute(sql`insert into public.rows values (2)`);
      }),
    ).rejects.toMatchObject({ cause: new Error(refusal) });
    await expect(db.transaction(() => db.transaction(async () => undefined))).rejects.toThrow(refusal);
    await expect(db.transaction(() => database.query("select 1"))).rejects.toThrow(refusal);
    expect(await database.query("select * from public.rows")).toEqual([]);
  });

  it("lets come after it what it set going and did not wait for", async () => {
    const database = await open();
    const later = Promise.withResolvers<unknown>();
    await database.db.transaction(async () => {
      setTimeout(() => {
        database.query("select 1 as one").then(later.resolve, later.reject);
      }, 20);
    });
    expect(await later.promise).toEqual([{ one: 1 }]);
  });

  it("says that it is unavailable once the database is closed", async () => {
    const database = await open();
    const { db } = database;
    await database.close();
    expect(isUnavailable(await db.execute(sql`select 1`).catch((error: unknown) => error))).toBe(true);
    expect(isUnavailable(await db.transaction(async () => undefined).catch((error: unknown) => error))).toBe(true);
  });
});
