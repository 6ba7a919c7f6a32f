import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DatabaseLockedError } from "./database-locked-error.ts";
import { lockDirectory } from "./directory-lock.ts";
import { readOwnIdentity } from "./process-identity.ts";

const since = "2026-01-02T03:04:05.678Z";
const children: ChildProcess[] = [];
let directory = "";

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "countersign-lock-"));
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await rm(directory, { recursive: true });
});

async function leaveClaim(claim: object | string): Promise<string> {
  const file = path.join(directory, "lock", "left.json");
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, typeof claim === "string" ? claim : JSON.stringify({ ...readOwnIdentity(), since, ...claim }));
  return file;
}

/** Starts another process that tries to take the directory, and gives its first words. */
async function contend(): Promise<string> {
  const script = path.join(import.meta.dirname, "../test/hold-lock.ts");
  const child = spawn(process.execPath, [script, directory], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  const [words] = await once(child.stdout, "data");
  return String(words).trim();
}

describe("lockDirectory", () => {
  it("holds a directory until it is released", async () => {
    const lock = await lockDirectory(path.join(directory, "made"));
    lock.release();
    lock.release();
    (await lockDirectory(path.join(directory, "made"))).release();
    expect(await readdir(path.join(directory, "made", "lock"))).toEqual([]);
  });

  it("writes down who holds it", async () => {
    await lockDirectory(directory);
    const [name = ""] = await readdir(path.join(directory, "lock"));
    const claim: unknown = JSON.parse(await readFile(path.join(directory, "lock", name), "utf8"));
    expect(claim).toMatchObject({ pid: process.pid, host: hostname() });
  });

  it("refuses a second holder in the same process", async () => {
    const lock = await lockDirectory(directory);
    await expect(lockDirectory(directory)).rejects.toThrow(/That is this process/);
    lock.release();
  });

  it("names a holder that runs, and says what to do", async () => {
    await leaveClaim({ pid: process.ppid, started: null });
    const error = await lockDirectory(directory).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(DatabaseLockedError);
    expect(error).toMatchObject({ pid: process.ppid, host: hostname(), since, directory });
    expect(String(error)).toContain(`process ${process.ppid} on ${hostname()} since ${since}. Stop that process`);
  });

  it("keeps off a holder on another machine, and says which file to delete when that is gone", async () => {
    const file = await leaveClaim({ pid: 999_999_999, host: "elsewhere", boot: "another" });
    await expect(lockDirectory(directory)).rejects.toThrow(`delete ${file}`);
    expect(await readdir(path.dirname(file))).toEqual(["left.json"]);
  });

  it.each([
    ["of a dead process", { pid: 999_999_999 }],
    ["from before a reboot", { pid: process.ppid, boot: "an earlier one" }],
    ["that a loss of power cut short", ""],
    ["that is none", "[]"],
  ])("takes over from a claim %s", async (_, claim) => {
    await leaveClaim(claim);
    const lock = await lockDirectory(directory);
    expect(await readdir(path.join(directory, "lock"))).not.toContain("left.json");
    lock.release();
  });

  it("takes over from a process that was killed, and not from one that was stopped", async () => {
    expect(await contend()).toBe("held");
    children[0]?.kill("SIGSTOP");
    await expect(lockDirectory(directory)).rejects.toMatchObject({ pid: children[0]?.pid });
    children[0]?.kill("SIGKILL");
    await once(children[0] ?? process, "exit");
    (await lockDirectory(directory)).release();
  });

  it("lets one of many starters take over from a dead one", async () => {
    await leaveClaim({ pid: 999_999_999 });
    const words = await Promise.all(Array.from({ length: 6 }, contend));
    expect(words.toSorted()).toEqual([...Array<string>(5).fill("DatabaseLockedError"), "held"]);
  });
});
