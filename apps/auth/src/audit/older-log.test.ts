import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describeDatabases } from "@countersign/testing";
import { asc, sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { migrations, openTestAuth, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { registerUser } from "../../test/requests.ts";
import { audit } from "../schema.ts";
import { verifyAudit } from "./verify.ts";

const [{ folder }] = z.tuple([z.object({ folder: z.string() })]).parse(migrations);
const log = readFileSync(new URL("../../test/audit-without-signatures.json", import.meta.url), "utf8");

/** The migrations of an auth that did not sign rows yet. */
function olderMigrations(): string {
  const older = mkdtempSync(path.join(tmpdir(), "countersign-older-"));
  cpSync(folder, older, { recursive: true });
  const file = path.join(older, "meta", "_journal.json");
  const journal = z
    .looseObject({ entries: z.array(z.looseObject({ idx: z.int() })) })
    .parse(JSON.parse(readFileSync(file, "utf8")));
  writeFileSync(file, JSON.stringify({ ...journal, entries: journal.entries.filter(({ idx }) => idx <= 4) }));
  return older;
}

const older = olderMigrations();
afterAll(() => rmSync(older, { recursive: true }));

describeDatabases(
  "the log of an auth that did not sign rows",
  { migrations: [{ name: "auth", folder: older }] },
  (open) => {
    let test: TestAuth;
    beforeAll(async () => {
      const database = await open();
      await database.query(
        `insert into auth.audit overriding system value
       select * from jsonb_populate_recordset(null::auth.audit, $1::jsonb -> 'audit')`,
        [log],
      );
      await database.query("delete from auth.audit_anchor");
      await database.query(
        `insert into auth.audit_anchor select * from jsonb_populate_recordset(null::auth.audit_anchor, $1::jsonb -> 'anchor')`,
        [log],
      );
      await database.query("select setval(pg_get_serial_sequence('auth.audit', 'id'), 100)");
      await database.migrate("auth", folder);
      test = await openTestAuth(database);
    });

    const verify = () => verifyAudit(test.auth.deps.db, { keys: test.auth.deps.auditKeys });
    const insertUnsigned = () =>
      test.auth.deps.db.execute(
        sql`insert into auth.audit (at, action, outcome, detail) values (now(), 'key.created', 'allowed', '{}')`,
      );

    it("is whole after the upgrade, with what was not sealed before it", async () => {
      const { checked, pending, broken } = await verify();
      expect({ checked, broken }).toEqual({ checked: 5, broken: null });
      expect(pending).toBeGreaterThanOrEqual(2);
    });

    it("is sealed as it is, before the first rows that are signed", async () => {
      await registerUser(test.app, someEmail());
      await test.auth.deps.auditWork.seal();
      const rows = await test.auth.deps.db.select().from(audit).orderBy(asc(audit.position));
      expect(rows.map(({ position }) => position)).toEqual(rows.map((_, index) => index + 1));
      expect(rows.slice(5, 7).map(({ id, stamp }) => ({ id, stamp }))).toEqual([
        { id: 6, stamp: null },
        { id: 7, stamp: null },
      ]);
      expect(rows.slice(7).every(({ stamp }) => stamp !== null)).toBe(true);
      expect(await verify()).toMatchObject({ checked: rows.length, pending: 0, broken: null });
    });

    it("takes no row without a signature from then on", async () => {
      await insertUnsigned();
      await expect(test.auth.deps.auditWork.seal()).rejects.toMatchObject({ code: "rows_forged" });
      expect((await verify()).broken).toEqual({ position: null, problem: "forged" });
    });
  },
);
