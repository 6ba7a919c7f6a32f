import type { Database } from "@countersign/database";
import { describeDatabases } from "@countersign/testing";
import { and, desc, eq, isNull, sql } from "drizzle-orm";
import { beforeAll, beforeEach, expect, it } from "vitest";
import { migrations, openTestAuth, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { post, registerUser } from "../../test/requests.ts";
import { audit } from "../schema.ts";
import { record } from "./record.ts";
import { verifyAudit } from "./verify.ts";

describeDatabases("tampering with rows that are not sealed yet", { migrations }, (open) => {
  let test: TestAuth;
  let db: Database;
  beforeAll(async () => {
    test = await openTestAuth(await open());
    db = test.auth.deps.db;
    await db.execute(sql`alter table auth.audit disable trigger user`); // as its owner may
  });
  // What a test leaves behind goes, and every row that is left is sealed.
  beforeEach(async () => {
    await db.execute(sql`delete from auth.audit where position is null`);
    await seal().catch(() => undefined);
    await seal().catch(() => undefined);
    await db.execute(sql`delete from auth.audit where position is null`);
  });

  const seal = () => test.auth.deps.auditWork.seal();
  const verify = () => verifyAudit(db, { keys: test.auth.deps.auditKeys });
  const write = (subject: string) =>
    record(db, { action: "user.disabled", outcome: "allowed", subject }, { at: test.clock.now(), from: null });
  const unsealed = () => db.select().from(audit).where(isNull(audit.position));

  it("is nothing that auth does itself: what it writes by every way is signed, and sealed without a MAC", async () => {
    const { refreshToken } = await registerUser(test.app, someEmail());
    await post(test.app, "/auth/refresh", { json: { refreshToken, mode: "bearer" } });
    await write("user-1");
    const rows = await unsealed();
    expect(rows.map(({ action }) => action)).toEqual(
      expect.arrayContaining(["account.registered", "session.started", "session.refreshed", "user.disabled"]),
    );
    expect(rows.every(({ stamp, mac }) => stamp !== null && mac !== null)).toBe(true);
    expect(await verify()).toMatchObject({ pending: rows.length });
    await seal();
    expect(await unsealed()).toEqual([]);
    expect(await db.select().from(audit).where(sql`mac is not null`)).toEqual([]);
    expect(test.auth.deps.auditWork.waiting()).toBe(0);
  });

  it.each([
    [
      "a row that was made up",
      "insert into auth.audit (at, action, outcome, detail) values (now(), 'x', 'allowed', '{}')",
    ],
    [
      "a row that was made up with a MAC of its own",
      `insert into auth.audit (at, action, outcome, detail, stamp, mac)
       values (now(), 'x', 'allowed', '{}', gen_random_uuid(), repeat('a', 64))`,
    ],
    ["another subject", "update auth.audit set subject = 'user-2' where position is null"],
    ["no subject", "update auth.audit set subject = null where position is null"],
    ["an actor", "update auth.audit set actor = 'user-2' where position is null"],
    ["another outcome", "update auth.audit set outcome = 'refused' where position is null"],
    ["another time", "update auth.audit set at = at - interval '1 ms' where position is null"],
    ["another detail", `update auth.audit set detail = '{"a":1}' where position is null`],
    ["a network", "update auth.audit set address = '192.0.2.1' where position is null"],
    ["another service", "update auth.audit set service = 'orders' where position is null"],
    ["an event key", "update auth.audit set event_key = 'x' where position is null"],
    ["no MAC", "update auth.audit set mac = null where position is null"],
    ["no stamp", "update auth.audit set stamp = null, mac = null where position is null"],
    [
      "a copy of it",
      `insert into auth.audit (at, action, outcome, subject, detail, stamp, mac)
       select at, action, outcome, subject, detail, gen_random_uuid(), mac from auth.audit where position is null`,
    ],
  ])("is found: %s", async (_, statement) => {
    await write("user-1");
    await db.execute(sql.raw(statement));
    expect((await verify()).broken).toEqual({ position: null, problem: "forged" });
    const { head } = await verify();
    await expect(seal()).rejects.toMatchObject({ code: expect.stringMatching(/^rows_(forged|removed)$/) });
    expect((await verify()).broken).toEqual({ position: null, problem: "forged" });
    expect((await verify()).head.position).toBeLessThanOrEqual(head.position + 1); // the good one is sealed all the same
  });

  it("is found when the actor is another one than who refreshed, whom the database alone knew", async () => {
    const { refreshToken } = await registerUser(test.app, someEmail());
    await seal();
    await post(test.app, "/auth/refresh", { json: { refreshToken, mode: "bearer" } });
    await db.execute(sql`update auth.audit set actor = 'somebody else' where position is null`);
    expect((await verify()).broken).toEqual({ position: null, problem: "forged" });
  });

  it("is found when a row that was sealed before is put in again", async () => {
    await write("user-1");
    const [row] = await unsealed();
    await seal();
    await db.execute(sql`drop index auth.audit_stamps`);
    await db.execute(sql`
      insert into auth.audit (at, action, outcome, subject, detail, stamp, mac)
      select at, action, outcome, subject, detail, stamp, ${row?.mac} from auth.audit where stamp = ${row?.stamp}`);
    expect((await verify()).broken).toEqual({ position: null, problem: "forged" });
    await expect(seal()).rejects.toMatchObject({ code: "rows_forged" });
    await db.execute(sql`delete from auth.audit where position is null`);
    await db.execute(sql`create unique index audit_stamps on auth.audit (stamp) where stamp is not null`);
  });

  it("holds up no row that auth wrote, however many are forged", async () => {
    await db.execute(sql`
      insert into auth.audit (at, action, outcome, detail)
      select now(), 'x', 'allowed', '{}' from generate_series(1, 300)`);
    await write("user-1");
    await expect(seal()).rejects.toMatchObject({ code: "rows_forged" });
    const forged = await unsealed();
    expect(forged).toHaveLength(300);
  });

  // The last ones: the log says for ever what happened.
  it("is found when it was to be a row that is taken back: what was rolled back is not missed", async () => {
    const undo = new Error("undo");
    const attempt = db.transaction(async (tx) => {
      await record(tx, { action: "user.disabled", outcome: "allowed" }, { at: test.clock.now(), from: null });
      throw undo;
    });
    await expect(attempt).rejects.toBe(undo);
    await seal();
    expect(await verify()).toMatchObject({ pending: 0 });
  });

  it("takes a change back whose row the database does not keep", async () => {
    await db.execute(sql`
      create function auth.swallow() returns trigger language plpgsql as 'begin return null; end'`);
    await db.execute(
      sql`create trigger swallow before insert on auth.audit for each row execute function auth.swallow()`,
    );
    await expect(write("user-1")).rejects.toThrow("did not take a row");
    await db.execute(sql`drop trigger swallow on auth.audit`);
    await db.execute(sql`drop function auth.swallow()`);
    await db.execute(sql`alter table auth.audit disable trigger user`);
  });

  it.each([
    ["all", "delete from auth.audit where position is null", 3],
    ["one", "delete from auth.audit where subject = 'user-2' and position is null", 1],
  ])("is found by who wrote them when %s are removed, and the log says so", async (_, statement, count) => {
    for (const subject of ["user-1", "user-2", "user-3"]) await write(subject);
    await db.execute(sql.raw(statement));
    await expect(seal()).rejects.toMatchObject({ code: "rows_removed" });
    await seal();
    const removed = and(eq(audit.action, "audit.rows_removed"), eq(audit.actor, "system"));
    const [said] = await db.select().from(audit).where(removed).orderBy(desc(audit.id)).limit(1);
    expect(said?.detail).toMatchObject({ count, rows: expect.arrayContaining([expect.stringContaining("user-2")]) });
    expect((await verify()).broken).toMatchObject({ problem: "rows_removed" });
  });

  it("is found also when the row that says so is removed: it is missed as well", async () => {
    await write("user-1");
    await db.execute(sql`delete from auth.audit where position is null`);
    await expect(seal()).rejects.toMatchObject({ code: "rows_removed" });
    await db.execute(sql`delete from auth.audit where position is null`);
    await expect(seal()).rejects.toMatchObject({ code: "rows_removed" });
  });
});
