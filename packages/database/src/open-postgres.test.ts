import { type Cable, createCable, describePostgres } from "@countersign/testing";
import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, it } from "vitest";
import { isUnavailable } from "./error-codes.ts";
import { openDatabase } from "./open.ts";
import type { Database, OpenDatabase } from "./types.ts";

describePostgres("openPostgres", { migrations: [] }, (open, url) => {
  let cable: Cable;
  let through: OpenDatabase & { readonly url: string };

  beforeEach(async () => {
    const address = new URL(url());
    cable = await createCable(Number(address.port || 5432));
    address.hostname = "127.0.0.1";
    address.port = String(cable.port);
    through = { ...(await openDatabase(address.href, { applicationName: "cable" })), url: address.href };
  });
  afterEach(async () => {
    await through.close();
    await cable.close();
  });

  it("says that it is unavailable while the server is, and works again after that", async () => {
    await through.ping();
    await cable.cut();
    for (const attempt of [() => through.ping(), () => through.db.execute(sql`select 1`)]) {
      expect(isUnavailable(await attempt().catch((error: unknown) => error))).toBe(true);
    }
    await cable.mend();
    await expect
      .poll(() =>
        through.ping().then(
          () => "up",
          () => "down",
        ),
      )
      .toBe("up");
  });

  it("takes the end of its session in a transaction for unavailability", async () => {
    const end = through.db.transaction(async (tx) => {
      await tx.execute(sql`select pg_terminate_backend(pg_backend_pid())`);
      await tx.execute(sql`select 1`);
    });
    expect(isUnavailable(await end.catch((error: unknown) => error))).toBe(true);
  });

  it("never lets a transaction whose connection was lost reach another connection", async () => {
    const narrow = await openDatabase(through.url, { poolSize: 2 });
    await narrow.query("create table if not exists public.lost (id int)");
    const lost = narrow.db.transaction(async (tx) => {
      await tx.execute(sql`insert into public.lost values (1)`);
      await cable.cut();
      await cable.mend();
      await narrow.query("select 1").catch(() => undefined);
      await tx.execute(sql`insert into public.lost values (2)`);
    });
    expect(isUnavailable(await lost.catch((error: unknown) => error))).toBe(true);
    expect(await narrow.query("select * from public.lost")).toEqual([]);
    await narrow.close();
  });

  it("does not let a transaction be used after its end", async () => {
    const kept: Database[] = [];
    await through.db.transaction(async (tx) => void kept.push(tx));
    await expect(kept[0]?.execute(sql`select 1`)).rejects.toMatchObject({
      cause: new Error("This transaction has ended."),
    });
  });

  it("keeps a connection whose statement or transaction failed, as it is", async () => {
    const narrow = await openDatabase(url(), { poolSize: 1, statementTimeoutMs: 100 });
    const backend = async () => (await narrow.query("select pg_backend_pid() as pid"))[0]?.["pid"];
    const before = await backend();
    await expect(narrow.query("select 1 / 0")).rejects.toThrow(/division by zero/);
    await expect(narrow.db.transaction((tx) => tx.execute(sql`select 1 / 0`))).rejects.toBeInstanceOf(Error);
    await expect(narrow.query("select pg_sleep(1)")).rejects.toThrow(/statement timeout/);
    expect(await backend()).toBe(before);
    await narrow.close();
  });

  it("gives up on a statement after its time", async () => {
    const hasty = await openDatabase(url(), { statementTimeoutMs: 50 });
    expect(isUnavailable(await hasty.query("select pg_sleep(5)").catch((error: unknown) => error))).toBe(true);
    await hasty.close();
  });

  it("listens again after every loss of the connection, and tells when", async () => {
    const heard: string[] = [];
    const states: string[] = [];
    const listen = (channel: string) =>
      through.listen(channel, (payload) => heard.push(`${channel} ${payload}`), {
        onState: (state) => states.push(`${channel} ${state}`),
      });
    await listen("one");
    await listen("two");
    await cable.cut();
    await expect.poll(() => states.slice(2)).toEqual(["one down", "two down"]);
    await new Promise((resolve) => setTimeout(resolve, 400)); // some attempts in vain
    await cable.mend();
    await expect.poll(() => states.slice(4)).toEqual(["one live", "two live"]);
    const direct = await open();
    await direct.query("select pg_notify('one', 'a'), pg_notify('two', 'b')");
    await expect.poll(() => heard).toEqual(["one a", "two b"]);

    await direct.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cable'");
    await expect.poll(() => states.slice(6)).toEqual(["one down", "two down", "one live", "two live"]);
    await direct.query("select pg_notify('two', 'c')");
    await expect.poll(() => heard).toEqual(["one a", "two b", "two c"]);
  });

  it("rejects the first listen when there is no server, and can be asked again", async () => {
    await cable.cut();
    const error = await through.listen("one", () => undefined).catch((cause: unknown) => cause);
    expect(isUnavailable(error)).toBe(true);
    await cable.mend();
    const leave = await through.listen("one", () => undefined);
    await leave();
  });

  it("prepares statements that drizzle does not name, in transactions too", async () => {
    await using one = {
      ...(await openDatabase(url(), { poolSize: 1 })),
      [Symbol.asyncDispose]: () => one.close(),
    };
    await one.db.execute(sql`select ${1}::int as outside`);
    await one.db.transaction(async (tx) => {
      await tx.execute(sql`select ${1}::int as inside`);
      await tx.transaction((nested) => nested.execute(sql`select ${1}::int as nested`));
    });
    const prepared = await one.query("select statement from pg_prepared_statements where statement like $1", [
      "%int as%",
    ]);
    expect(prepared.map(({ statement }) => String(statement)).toSorted()).toEqual([
      "select $1::int as inside",
      "select $1::int as nested",
      "select $1::int as outside",
    ]);
  });
});
