import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DatabaseLockedError } from "./database-locked-error.ts";
import { isUnavailable } from "./error-codes.ts";
import { openDatabase } from "./open.ts";

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
    // What a first start leaves that is killed while it fills the directory: PGlite takes this for a database.
    await mkdir(path.join(directory, "data.draft"));
    await writeFile(path.join(directory, "data.draft", "PG_VERSION"), "18\n");
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
