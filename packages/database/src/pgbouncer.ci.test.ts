import { describePostgres } from "@countersign/testing";
import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { writeMigrations } from "../test/migrations.ts";
import { hasPgBouncer, type PgBouncer, startPgBouncer } from "../test/pgbouncer.ts";
import { ListenError } from "./listen-error.ts";
import { openDatabase } from "./open.ts";
import type { OpenDatabase } from "./types.ts";

const absent = hasPgBouncer() ? "" : " (skipped: no program pgbouncer)";

describe.skipIf(absent !== "").each(["session", "transaction"] as const)(`behind PgBouncer${absent}`, (mode) => {
  describePostgres(`in ${mode} mode`, { migrations: [] }, (_open, url) => {
    let bouncer: PgBouncer;
    const opened: OpenDatabase[] = [];
    const open = async (options: Parameters<typeof openDatabase>[1] = {}) => {
      const database = await openDatabase(bouncer.url, options);
      opened.push(database);
      return database;
    };

    beforeAll(async () => {
      bouncer = await startPgBouncer(url(), mode);
    });
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((database) => database.close()));
    });
    afterAll(() => bouncer.stop());

    it.each([{}, { prepare: false }])("never runs one client's statement for another: %j", async (options) => {
      const clients = await Promise.all([open(options), open(options), open(options)]);
      const answers = Array.from({ length: 240 }, async (_, index) => {
        const text = `select $1::int + ${index % 40} as sum, '${index % 40}' as statement`;
        const [row] = (await clients[index % 3]?.query(text, [1])) ?? [];
        return [row?.["sum"], row?.["statement"]];
      });
      const expected = Array.from({ length: 240 }, (_, index) => [1 + (index % 40), String(index % 40)]);
      expect(await Promise.all(answers)).toEqual(expected);
    });

    it("reads a timestamp in UTC, and migrates, several at once", async () => {
      const database = await open();
      expect(await database.query("select timestamptz '2026-01-02 03:04:05+02' as at")).toEqual([
        { at: "2026-01-02 01:04:05+00" },
      ]);
      const sqlText =
        'CREATE SCHEMA IF NOT EXISTS "pooled";--> statement-breakpoint\ncreate table pooled.things (id int);';
      const folder = await writeMigrations([{ tag: "0000_first", when: 1, sql: sqlText }]);
      const others = await Promise.all([open(), open(), open()]);
      await Promise.all(others.map((other) => other.migrate("pooled", folder)));
      await database.db.transaction((tx) => tx.execute(sql`select ${1}::int`)).catch(() => undefined);
      await database.checkWritable("pooled");
    });

    it("hears what it listens to, or says by which setting it would", async () => {
      const heard: string[] = [];
      const direct = await open({ listenUrl: url() });
      await direct.listen("pooled", (payload) => heard.push(payload));
      await direct.query("select pg_notify('pooled', 'a')");
      await expect.poll(() => heard).toEqual(["a"]);

      const pooled = await open();
      const listening = pooled.listen("pooled", (payload) => heard.push(payload)).catch((error: unknown) => error);
      if (mode === "session") expect(await listening).toBeTypeOf("function");
      else expect(await listening).toBeInstanceOf(ListenError);
    }, 15_000);
  });
});
