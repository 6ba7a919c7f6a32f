import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { describeDatabases } from "@countersign/testing";
import { afterEach, describe, expect, it } from "vitest";
import { rewriteMigrations, type TestMigration, writeMigrations } from "../test/migrations.ts";
import { assertJournalOrdered } from "./journal.ts";
import { openDatabase } from "./open.ts";

const folders: string[] = [];

async function write(migrations: readonly TestMigration[]): Promise<string> {
  const folder = await writeMigrations(migrations);
  folders.push(folder);
  return folder;
}

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

const first = (name: string) => ({ tag: "0000_a", when: 10, sql: `create table ${name}.things (id int primary key);` });
const second = (name: string) => ({
  tag: "0001_b",
  when: 20,
  sql: `alter table ${name}.things add column label text;`,
});

describeDatabases("migrate", { migrations: [] }, (open, { url }) => {
  it("applies what is missing and nothing twice, in the schema of its name", async () => {
    const database = await open();
    const folder = await write([first("shop")]);
    await database.migrate("shop", folder);
    await database.query("insert into shop.things values (1)");
    await rewriteMigrations(folder, [first("shop"), second("shop")]);
    await database.migrate("shop", folder);
    await database.migrate("shop", folder);
    expect(await database.query("select * from shop.things")).toEqual([{ id: 1, label: null }]);
    expect(await database.query("select created_at from shop.__drizzle_migrations order by id")).toEqual([
      { created_at: "10" },
      { created_at: "20" },
    ]);
  });

  it("keeps schemas apart", async () => {
    const database = await open();
    await Promise.all([
      database.migrate("east", await write([first("east")])),
      database.migrate("west", await write([first("west")])),
    ]);
    await database.query("insert into east.things values (1)");
    expect(await database.query("select * from west.things")).toEqual([]);
  });

  it("is safe when replicas start at once", async () => {
    const database = await open();
    const folder = await write([first("many"), second("many")]);
    const address = url();
    const replicas =
      address === null ? [database] : await Promise.all([1, 2, 3].map(() => openDatabase(address, { poolSize: 1 })));
    await Promise.all([...replicas, ...replicas].map((replica) => replica.migrate("many", folder)));
    expect(await database.query("select created_at from many.__drizzle_migrations order by id")).toEqual([
      { created_at: "10" },
      { created_at: "20" },
    ]);
    if (address !== null) await Promise.all(replicas.map((replica) => replica.close()));
  });

  it("applies all or nothing", async () => {
    const database = await open();
    const broken = { ...second("broken"), sql: "alter table broken.things add column;" };
    await expect(database.migrate("broken", await write([first("broken"), broken]))).rejects.toThrow(/add column/);
    expect(await database.query("select to_regclass('broken.things') as it")).toEqual([{ it: null }]);
  });

  it("refuses a migration that the migrator would skip", async () => {
    const database = await open();
    const folder = await write([{ ...second("late"), sql: "select 1" }]);
    await database.migrate("late", folder);
    await rewriteMigrations(folder, [first("late"), { ...second("late"), sql: "select 1" }]);
    await expect(database.migrate("late", folder)).rejects.toMatchObject({ code: "migration_skipped" });
  });

  it("refuses a migration that was changed after it was applied", async () => {
    const database = await open();
    const folder = await write([first("changed")]);
    await database.migrate("changed", folder);
    await writeFile(path.join(folder, "0000_a.sql"), "select 1");
    await expect(database.migrate("changed", folder)).rejects.toMatchObject({ code: "migration_changed" });
  });

  it("refuses a migration that creates the schema, which exists by then", async () => {
    const database = await open();
    const guarded = {
      ...first("own"),
      sql: 'CREATE SCHEMA IF NOT EXISTS "own";--> statement-breakpoint\nCREATE SCHEMA "own_more";',
    };
    await database.migrate("own", await write([guarded]));
    const bare = { ...first("bare"), sql: 'CREATE SCHEMA "bare";' };
    await expect(database.migrate("bare", await write([bare]))).rejects.toMatchObject({ code: "schema_not_guarded" });
  });
});

describe("assertJournalOrdered", () => {
  it("gives the entries of a journal in order", async () => {
    const folder = await write([first("a"), second("a")]);
    expect((await assertJournalOrdered(folder)).map(({ tag }) => tag)).toEqual(["0000_a", "0001_b"]);
  });

  it.each([10, 9])("refuses %s after 10, and names both migrations", async (when) => {
    const folder = await write([first("a"), { ...second("a"), when }]);
    await expect(assertJournalOrdered(folder)).rejects.toMatchObject({ code: "journal_disordered" });
    await expect(assertJournalOrdered(folder)).rejects.toThrow(/0001_b .* 0000_a/);
  });

  it.each(["", "[]", '{"entries":[{"tag":1}]}', "null"])("refuses %j as a journal", async (text) => {
    const folder = await write([]);
    await writeFile(path.join(folder, "meta", "_journal.json"), text);
    await expect(assertJournalOrdered(folder)).rejects.toMatchObject({ code: "journal_unreadable" });
  });

  it("refuses a folder without a journal", async () => {
    await expect(assertJournalOrdered("/nowhere")).rejects.toMatchObject({ code: "journal_unreadable" });
  });
});
