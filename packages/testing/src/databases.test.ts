import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { openDatabase } from "@countersign/database";
import { afterAll, expect, it } from "vitest";
import { describeDatabases } from "./databases.ts";

const folder = await mkdtemp(path.join(tmpdir(), "countersign-migrations-"));
await mkdir(path.join(folder, "meta"));
const journal = { entries: [{ idx: 0, version: "7", when: 1, tag: "0000_first", breakpoints: true }] };
await writeFile(path.join(folder, "meta", "_journal.json"), JSON.stringify(journal));
await writeFile(path.join(folder, "0000_first.sql"), "create table trial.words (word text primary key);");
afterAll(() => rm(folder, { recursive: true }));

describeDatabases("describeDatabases", { migrations: [{ name: "trial", folder }] }, (open, { kind, url }) => {
  it("gives a migrated and empty database of the kind that it says", async () => {
    const database = await open();
    expect(database.kind).toBe(kind);
    expect(await database.query("select * from trial.words")).toEqual([]);
    const [row] = await database.query("select version()");
    expect(String(row?.["version"]).includes("PGlite")).toBe(kind === "pglite");
  });

  it("gives the same one to every test of the suite", async () => {
    expect(await open()).toBe(await open());
  });

  it("gives the URL for another pool", async (context) => {
    if (kind === "pglite") context.skip("an embedded database has one user");
    const another = await openDatabase(url() ?? "");
    await (await open()).query("insert into trial.words values ('seen')");
    expect(await another.query("select * from trial.words")).toEqual([{ word: "seen" }]);
    await another.close();
  });
});
