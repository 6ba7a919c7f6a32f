import type { Database } from "@countersign/database";
import { createFakeClock, describeDatabases } from "@countersign/testing";
import { asc, eq, sql } from "drizzle-orm";
import { beforeAll, expect, it } from "vitest";
import { migrations, openTestAuth, type TestAuth } from "../../test/open-test-auth.ts";
import { audit } from "../schema.ts";
import { BrokenChainError, expireAudit } from "./expire.ts";
import { record } from "./record.ts";
import { sealAudit } from "./seal.ts";
import { verifyAudit } from "./verify.ts";

const day = 24 * 60 * 60_000;

describeDatabases("the retention of the audit log", { migrations }, (open) => {
  let test: TestAuth;
  let db: Database;
  // The database's own clock has the last word on removal, so the story happens in the past.
  const clock = createFakeClock(Date.now() - 100 * day);
  beforeAll(async () => {
    test = await openTestAuth(await open(), { now: clock.now, auditRetentionDays: 30 });
    db = test.auth.deps.db;
  });

  const verify = () => verifyAudit(db, { keys: test.auth.deps.auditKeys });
  const days = (count: number) => clock.advance((count * day) / 1000);

  async function write(count: number): Promise<void> {
    const rows = Array.from({ length: count }, (_, index) => `user-${index}`);
    for (const subject of rows) {
      await record(db, { action: "user.disabled", outcome: "allowed", subject }, { at: clock.now(), from: null });
    }
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
