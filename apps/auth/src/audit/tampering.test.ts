import type { Database } from "@countersign/database";
import { describeDatabases } from "@countersign/testing";
import { asc, eq, isNull, sql } from "drizzle-orm";
import { beforeAll, expect, it } from "vitest";
import { migrations, openTestAuth, type TestAuth } from "../../test/open-test-auth.ts";
import { audit } from "../schema.ts";
import { AnchorError } from "./anchor.ts";
import { auditCommand } from "./audit-command.ts";
import { type AuditRow, genesis, linkAfter } from "./chain.ts";
import { record } from "./record.ts";
import { sealAudit } from "./seal.ts";
import { type VerifyOptions, verifyAudit } from "./verify.ts";

describeDatabases("tampering with the audit log", { migrations }, (open) => {
  let test: TestAuth;
  let db: Database;
  let keys: readonly Uint8Array[];
  beforeAll(async () => {
    test = await openTestAuth(await open());
    db = test.auth.deps.db;
    keys = test.auth.deps.auditKeys;
    for (let index = 0; index < 12; index += 1) await write(db, `user-${index}`);
    await sealAudit(test.auth.deps);
  });

  const write = (to: Database, subject: string) =>
    record(to, { action: "user.disabled", outcome: "allowed", subject }, { at: test.clock.now(), from: null });

  /** What a verification says after somebody with every right on the database did this; all of it is undone again. */
  async function after(statements: readonly string[], options: VerifyOptions = { keys }) {
    return await inUndone(async (tx) => {
      for (const statement of statements) await tx.execute(sql.raw(statement));
      return (await verifyAudit(tx, options)).broken;
    });
  }

  async function inUndone<Result>(work: (tx: Database) => Promise<Result>): Promise<Result> {
    const undo = new Error("undo");
    const results: { readonly value: Result }[] = [];
    const done = db.transaction(async (tx) => {
      await tx.execute(sql`alter table auth.audit disable trigger user`);
      results.push({ value: await work(tx) });
      throw undo;
    });
    await done.catch((error: unknown) => {
      if (error !== undo) throw error;
    });
    const [result] = results;
    if (result === undefined) throw new Error("It did not end.");
    return result.value;
  }

  const head = async () => (await verifyAudit(db, { keys })).head;

  it("finds the untouched log whole, with every row of it sealed", async () => {
    const verdict = await verifyAudit(db, { keys });
    expect(verdict).toMatchObject({ pending: 0, broken: null, base: { position: 0 } });
    expect(verdict.checked).toBeGreaterThanOrEqual(12);
    expect(verdict.head.position).toBe(verdict.checked);
  });

  it.each([
    [
      "a changed word",
      "update auth.audit set reason = 'nothing' where position = 4",
      { position: 4, problem: "changed" },
    ],
    [
      "a changed detail",
      `update auth.audit set detail = '{"a":1}' where position = 4`,
      { position: 4, problem: "changed" },
    ],
    [
      "a changed time",
      "update auth.audit set at = at + interval '1 ms' where position = 4",
      { position: 4, problem: "changed" },
    ],
    ["a removed row", "delete from auth.audit where position = 5", { position: 5, problem: "missing" }],
    ["a removed beginning", "delete from auth.audit where position < 5", { position: 1, problem: "missing" }],
    ["a removed end", "delete from auth.audit where position > 9", { position: 10, problem: "missing" }],
    [
      "a row that is unsealed again",
      "update auth.audit set position = null, hash = null where position = 6",
      { position: 6, problem: "missing" },
    ],
    [
      "a row more",
      "insert into auth.audit (at, action, outcome, detail, position, hash) values (now(), 'x', 'allowed', '{}', 6000, 'x')",
      null,
    ],
    ["an anchor that is gone", "delete from auth.audit_anchor", { position: null, problem: "anchor_missing" }],
    [
      "an anchor that was moved",
      "update auth.audit_anchor set head_position = 3",
      { position: null, problem: "anchor_forged" },
    ],
  ])("finds %s", async (_, statement, broken) => {
    expect(await after([statement])).toMatchObject(broken ?? { problem: "missing" });
  });

  it("finds two rows that were swapped", async () => {
    const swap = [
      "update auth.audit set position = -1 where position = 3",
      "update auth.audit set position = 3 where position = 4",
      "update auth.audit set position = 4 where position = -1",
    ];
    expect(await after(swap)).toEqual({ position: 3, problem: "changed" });
    const hashes = (await readSealed(db)).map(({ hash }) => hash);
    const [, , third, fourth] = hashes;
    const withHashes = [
      ...swap,
      `update auth.audit set hash = '${third}' where position = 3`,
      `update auth.audit set hash = '${fourth}' where position = 4`,
    ];
    expect(await after(withHashes)).toEqual({ position: 3, problem: "changed" });
  });

  it("finds a chain that was made anew over a changed row, since its anchor cannot be", async () => {
    const found = await inUndone(async (tx) => {
      await tx.execute(sql`update auth.audit set actor = 'somebody else' where position = 4`);
      const last = await chainAnew(tx);
      const before = (await verifyAudit(tx, { keys })).broken;
      await tx.execute(sql`update auth.audit_anchor set head_hash = ${last}`);
      const unkeyed = (await verifyAudit(tx)).broken;
      return { before, unkeyed, keyed: (await verifyAudit(tx, { keys })).broken };
    });
    expect(found.before).toMatchObject({ problem: "rewritten" });
    expect(found.unkeyed).toBeNull();
    expect(found.keyed).toEqual({ position: null, problem: "anchor_forged" });
  });

  it("finds an end that was cut off along with an anchor of earlier, by a head that was noted elsewhere", async () => {
    const { position, hash } = await head();
    await db.execute(sql`create table auth.anchor_of_earlier as select * from auth.audit_anchor`);
    await write(db, "somebody");
    await sealAudit(test.auth.deps);
    const noted = await head();
    const rollBack = [
      `delete from auth.audit where position > ${position}`,
      "delete from auth.audit_anchor",
      "insert into auth.audit_anchor select * from auth.anchor_of_earlier",
    ];
    expect(await after(rollBack)).toBeNull();
    expect(await after(rollBack, { keys, noted })).toEqual({ position: noted.position, problem: "not_as_noted" });
    expect(await after([], { keys, noted })).toBeNull();
    expect(await after([], { keys, noted: { position, hash } })).toBeNull();
    await db.execute(sql`drop table auth.anchor_of_earlier`);
  });

  it("does not seal over an anchor that is not its own", async () => {
    await inUndone(async (tx) => {
      await write(tx, "somebody");
      await tx.execute(sql`update auth.audit_anchor set mac = ${"0".repeat(64)}`);
      await expect(sealAudit({ db: tx, auditKeys: keys })).rejects.toThrow(AnchorError);
    });
  });

  it("goes on under a new secret, and is verified by either", async () => {
    const [old] = keys;
    if (old === undefined) throw new Error("There is one.");
    const renewed = [new Uint8Array(32).fill(9), old];
    await inUndone(async (tx) => {
      await write(tx, "somebody");
      await sealAudit({ db: tx, auditKeys: renewed });
      expect((await verifyAudit(tx, { keys: renewed })).broken).toBeNull();
      expect((await verifyAudit(tx, { keys })).broken).toMatchObject({ problem: "anchor_forged" });
    });
  });

  it("is what the command tells, with the first broken row, and nothing else than the command", async () => {
    const lines: string[] = [];
    const say = (line: string) => void lines.push(line);
    expect(await auditCommand(["verify"], { db, keys, say })).toBe(true);
    expect(lines.at(-1)).toMatch(/^Whole\. Head: \d+:[0-9a-f]{64}$/);
    const { position, hash } = await head();
    const noted = ["verify", "--head", `${position}:${hash}`];
    expect(await auditCommand(noted, { db, keys, say })).toBe(true);
    await inUndone(async (tx) => {
      await tx.execute(sql`update auth.audit set reason = 'nothing' where position = 4`);
      expect(await auditCommand(["verify"], { db: tx, keys, say })).toBe(false);
    });
    expect(lines.slice(-2)).toEqual(["3 rows checked.", expect.stringContaining("BROKEN at position 4")]);
    await expect(auditCommand(["erase"], { db, keys, say })).rejects.toThrow("Usage");
  });

  it("cannot be done by the service itself: a sealed row neither changes nor goes, an unsealed one is sealed only", async () => {
    await write(db, "unsealed");
    const [{ id } = { id: 0 }] = await db.select({ id: audit.id }).from(audit).where(isNull(audit.position));
    for (const statement of [
      "update auth.audit set reason = 'x' where position = 3",
      "update auth.audit set position = 900, hash = 'x' where position = 3",
      "update auth.audit set position = null, hash = null where position = 3",
      `update auth.audit set position = 900, hash = 'x', reason = 'x' where id = ${id}`,
      `update auth.audit set position = 900 where id = ${id}`,
      "delete from auth.audit where position = 3",
      `delete from auth.audit where id = ${id}`,
      "update auth.audit_anchor set base_position = 900; select auth.expire_audit()",
      "truncate auth.audit",
    ]) {
      const [first = "", second] = statement.split("; ");
      const attempt = db.transaction(async (tx) => {
        await tx.execute(sql.raw(first));
        if (second !== undefined) await tx.execute(sql.raw(second));
      });
      await expect(attempt, statement).rejects.toMatchObject({
        cause: { message: expect.stringContaining("append-only") },
      });
    }
    await sealAudit(test.auth.deps);
    expect(await verifyAudit(db, { keys })).toMatchObject({ pending: 0, broken: null });
  });
});

function readSealed(db: Database): Promise<AuditRow[]> {
  return db.select().from(audit).orderBy(asc(audit.position));
}

/** What somebody does who knows how the chain is made. */
async function chainAnew(tx: Database): Promise<string> {
  let link = genesis;
  for (const row of await readSealed(tx)) {
    link = linkAfter(link, row);
    await tx.update(audit).set({ hash: link.hash }).where(eq(audit.id, row.id));
  }
  return link.hash;
}
