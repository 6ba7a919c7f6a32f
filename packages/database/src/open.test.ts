import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DatabaseLockedError } from "./database-locked-error.ts";
import { isUnavailable } from "./error-codes.ts";
import { openDatabase } from "./open.ts";
import { createSnapshot } from "./snapshot.ts";

describe("openDatabase", () => {
  it.each(["", "mysql://root:secret@localhost/x", "file:", "memory", "./data", "postgres:"])(
    "refuses the URL %j without repeating it",
    async (url) => {
      const error = await openDatabase(url).catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).not.toContain("secret");
    },
  );
});

describe("openDatabase with file:", () => {
  let directory = "";

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "countersign-data-"));
    const database = await openDatabase(`file:${directory}`);
    await database.query("create table public.rows (id int primary key)");
    await database.close();
  });
  afterAll(() => rm(directory, { recursive: true }));

  it("keeps what was written, guards it while it is open, and releases it", async () => {
    const relative = path.relative(process.cwd(), directory);
    const database = await openDatabase(`file:${relative}`);
    await expect(openDatabase(pathToFileURL(directory).href)).rejects.toBeInstanceOf(DatabaseLockedError);
    expect(await database.query("select count(*) from public.rows")).toEqual([{ count: "0" }]);
    await Promise.all([database.close(), database.close()]);
    expect(isUnavailable(await database.ping().catch((cause: unknown) => cause))).toBe(true);
    expect(await readdir(path.join(directory, "lock"))).toEqual([]);
  });

  it("loses no row to a process that is killed, and needs no repair", async () => {
    const script = path.join(import.meta.dirname, "../test/write-rows.ts");
    const child = spawn(process.execPath, [script, `file:${directory}`], { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    child.stdout.on("data", (chunk) => {
      said += String(chunk);
    });
    await expect.poll(() => said.split("\n").length, { timeout: 15_000 }).toBeGreaterThan(20);
    await expect(openDatabase(`file:${directory}`)).rejects.toMatchObject({ pid: child.pid });
    child.kill("SIGKILL");
    await once(child, "exit");

    const database = await openDatabase(`file:${directory}`);
    const [row] = await database.query("select count(*), max(id) from public.rows");
    expect(Number(row?.["max"])).toBeGreaterThanOrEqual(said.trimEnd().split("\n").length);
    expect(row?.["count"]).toBe(String(row?.["max"]));
    await database.close();
  });
});

describe("openDatabase with memory:", () => {
  it("starts from a snapshot, refuses to wait for its own transaction, and says so once it is closed", async () => {
    const snapshot = await createSnapshot(async (empty) => {
      await empty.query("create table public.rows (id int primary key)");
    });
    const database = await openDatabase("memory:", { snapshot });
    const { db } = database;
    await expect(
      db.transaction(async (tx) => {
        await tx.execute(sql`insert into public.rows values (1)`);
        await db.execute(sql`insert into public.rows values (2)`);
      }),
    ).rejects.toMatchObject({
      cause: new Error("Inside of a transaction use the `tx` that it gives, and wait for nothing else."),
    });
    await expect(db.transaction(() => db.transaction(async () => undefined))).rejects.toThrow(/use the `tx`/);
    expect(await database.query("select * from public.rows")).toEqual([]);

    // What a transaction sets going and does not wait for comes after it.
    const later = Promise.withResolvers<unknown>();
    await db.transaction(async () => {
      setTimeout(() => {
        database.query("select 1 as one").then(later.resolve, later.reject);
      }, 20);
    });
    expect(await later.promise).toEqual([{ one: 1 }]);

    await database.close();
    expect(isUnavailable(await db.execute(sql`select 1`).catch((cause: unknown) => cause))).toBe(true);
  });
});
