import type { Database } from "@countersign/database";
import { createFakeClock, describeDatabases } from "@countersign/testing";
import { asc, eq, sql } from "drizzle-orm";
import { beforeAll, expect, it } from "vitest";
import { migrations, openTestAuth, type TestAuth } from "../../test/open-test-auth.ts";
import { audit } from "../schema.ts";
import { signLine } from "./audited-database.ts";
import { BrokenChainError, expireAudit } from "./expire.ts";
import { toRow } from "./record.ts";
import { sealAudit } from "./seal.ts";
import { verifyAudit } from "./verify.ts";

const day = 24 * 60 * 60_000;

describeDatabases("the retention of the audit log", { migrations }, (open) => {
  let test: TestAuth;
  let db: Database;
  // The database's own clock has the last word on removal, so the story happens in the past.
  const clock = createFakeClock(Date.now() - 1_000 * day);
  beforeAll(async () => {
    test = await openTestAuth(await open(), { now: clock.now, auditRetentionDays: 30 });
    db = test.auth.deps.db;
  });

  const verify = () => verifyAudit(db, { keys: test.auth.deps.auditKeys });
  const days = (count: number) => clock.advance((count * day) / 1000);

  const write = (count: number) => writeAt(clock.now(), count);

  async function writeAt(at: number, count: number): Promise<void> {
    const entry = { action: "user.disabled", outcome: "allowed", subject: "user-1" } as const;
    await db
      .insert(audit)
      .values(Array.from({ length: count }, () => signLine(db, toRow(entry, { at, from: null })).row));
    await sealAudit(test.auth.deps);
  }

  it("keeps what is younger, and removes nothing before a day's worth has gathered", async () => {
    await write(10);
    days(30.5);
    await write(5);
    expect(await expireAudit(test.auth.deps)).toBe(0);
    expect(await verify()).toMatchObject({ base: { position: 0 }, broken: null });
  });

  it("removes what is older; the rest stays whole, and a row of the log says what went", async () => {
    days(1);
    const { checked } = await verify();
    const removed = await expireAudit(test.auth.deps);
    expect(removed).toBe(checked - 5);
    expect(await expireAudit(test.auth.deps)).toBe(0);
    expect(await verify()).toMatchObject({ checked: 5, pending: 1, base: { position: removed }, broken: null });
    await sealAudit(test.auth.deps);
    expect(await verify()).toMatchObject({ checked: 6, pending: 0, broken: null });
    const [said] = await db.select().from(audit).where(eq(audit.action, "audit.expired"));
    expect(said).toMatchObject({ actor: "system", detail: { position: removed, rows: removed } });
  });

  it("does so again and again, also when the row that said so has expired", async () => {
    for (let round = 0; round < 2; round += 1) {
      days(32);
      await write(3);
      expect(await expireAudit(test.auth.deps)).toBeGreaterThan(0);
      await sealAudit(test.auth.deps);
      expect(await verify()).toMatchObject({ checked: 4, broken: null });
    }
    expect(await db.select().from(audit).where(eq(audit.action, "audit.expired"))).toHaveLength(1);
  });

  it("is not held up by rows whose date has not come: a clock that was years ahead, for one row or for thousands", async () => {
    for (const ahead of [1, 1_100]) {
      days(40);
      await write(2);
      await writeAt(clock.now() + 3_650 * day, ahead);
      await write(2);
      days(32);
      await write(1);
      const { checked } = await verify();
      expect(await expireAudit(test.auth.deps)).toBe(checked - 1);
      await sealAudit(test.auth.deps);
      expect(await verify()).toMatchObject({ broken: null });
    }
  });

  it("goes on when the clock was an hour ahead, and keeps what is young behind a row that is dated in the past", async () => {
    days(40);
    await writeAt(clock.now() + day / 24, 2);
    await writeAt(clock.now(), 1);
    await writeAt(clock.now() - 3_650 * day, 1);
    days(31.5);
    await write(3);
    await expireAudit(test.auth.deps);
    expect((await verify()).checked).toBe(3);
    await writeAt(0, 2);
    await write(1);
    expect(await expireAudit(test.auth.deps)).toBe(0);
    expect(await verify()).toMatchObject({ broken: null });
  });

  it("believes no clock that is ahead of the database's: nothing goes that is young by either", async () => {
    const { checked } = await verify();
    const auditRetention = Date.now() - clock.now() + 60 * day;
    const ahead = Date.now() + 3_650 * day;
    expect(await expireAudit({ ...test.auth.deps, auditRetention, now: () => ahead })).toBe(0);
    expect((await verify()).checked).toBe(checked);
  });

  it("takes a backlog in turns", async () => {
    days(40);
    await write(2_500);
    days(40);
    expect(await expireAudit(test.auth.deps, 1)).toBe(1_000);
    expect(await expireAudit(test.auth.deps, 1)).toBe(1_000);
    expect(await expireAudit(test.auth.deps)).toBeGreaterThan(500);
    await sealAudit(test.auth.deps);
    expect(await verify()).toMatchObject({ broken: null });
  });

  it("never tidies a broken chain away, and does not believe a removal that no row explains", async () => {
    const undo = new Error("undo");
    const rows = await db.select().from(audit).orderBy(asc(audit.position));
    const attempt = db.transaction(async (tx) => {
      await tx.execute(sql`alter table auth.audit disable trigger user`);
      await tx.update(audit).set({ action: "something.else" }).where(eq(audit.action, "audit.expired"));
      const verdict = await verifyAudit(tx);
      expect(verdict.broken).toMatchObject({ problem: "changed" });
      const { now } = createFakeClock(clock.now() + 40 * day);
      await expect(expireAudit({ ...test.auth.deps, db: tx, now })).rejects.toThrow(BrokenChainError);
      throw undo;
    });
    await expect(attempt).rejects.toBe(undo);
    expect(await db.select().from(audit)).toHaveLength(rows.length);
  });
});
