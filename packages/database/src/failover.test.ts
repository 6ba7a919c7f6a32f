import { describePostgres } from "@countersign/testing";
import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, it } from "vitest";
import { isReadOnly, isUnavailable } from "./error-codes.ts";
import { openDatabase } from "./open.ts";
import type { OpenDatabase } from "./types.ts";

const size = 4;

/**
 * A failover that keeps the connections: those that were opened before it answer 25006 for as long as they live, as they
 * would on a standby, and those that are opened after it write.
 */
describePostgres("a failover to a server that takes no writes", { migrations: [] }, (open, url) => {
  let pool: OpenDatabase;

  async function setReadOnly(value: "on" | "off"): Promise<void> {
    const name = new URL(url()).pathname.slice(1);
    await (await open()).query(`alter database ${name} set default_transaction_read_only = ${value}`);
  }

  beforeEach(async () => {
    await (await open()).query("create table if not exists public.rows (id int)");
    await setReadOnly("on");
    pool = await openDatabase(url(), { poolSize: size, applicationName: "failover" });
    await Promise.all(Array.from({ length: size }, () => pool.query("select pg_sleep(0.05)")));
    await setReadOnly("off");
  });
  afterEach(() => pool.close());

  const insert = () => pool.query("insert into public.rows values ($1)", [1]);

  it("costs one statement, and no other connection of before is lent again", async () => {
    const first = await insert().catch((error: unknown) => error);
    expect([isUnavailable(first), isReadOnly(first)]).toEqual([true, true]);
    await Promise.all(Array.from({ length: size }, insert));
  });

  it("costs one transaction", async () => {
    const transaction = () => pool.db.transaction((tx) => tx.execute(sql`insert into public.rows values (2)`));
    const first = await transaction().catch((error: unknown) => error);
    expect(isReadOnly(first)).toBe(true);
    await Promise.all(Array.from({ length: size }, transaction));
  });

  it("moves the connection that listens as well", async () => {
    const states: string[] = [];
    await pool.listen("moved", () => undefined, { onState: (state) => states.push(state) });
    await new Promise((resolve) => setTimeout(resolve, 1_050)); // one is not replaced more often than once a second
    await insert().catch(() => undefined);
    await expect.poll(() => states).toEqual(["live", "down", "live"]);
  });

  it.each(["57P01", "57P02", "57P03", "08006"])(
    "drops what answers %s, and all that was opened before",
    async (code) => {
      const raise = `do $$ begin raise exception 'gone' using errcode = '${code}'; end $$`;
      const pids = async () =>
        (
          await Promise.all(
            Array.from({ length: size }, () => pool.query("select pg_backend_pid() as pid, pg_sleep(0.05)")),
          )
        ).map(([row]) => Number(row?.["pid"]));
      const before = await pids();
      expect(isUnavailable(await pool.query(raise).catch((error: unknown) => error))).toBe(true);
      expect((await pids()).filter((pid) => before.includes(pid))).toEqual([]);
    },
  );

  it("drops a connection whose prepared statement was planned for another table", async () => {
    const narrow = await openDatabase(url(), { poolSize: 1 });
    await (await open()).query("create table if not exists public.changing (id int)");
    const read = () => narrow.query("select * from public.changing where $1::int = 1", [1]);
    await read();
    await (await open()).query("alter table public.changing add column name text");
    expect(isUnavailable(await read().catch((error: unknown) => error))).toBe(true);
    await read();
    await narrow.close();
  });
});
