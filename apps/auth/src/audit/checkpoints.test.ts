import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Database } from "@countersign/database";
import { describeDatabases } from "@countersign/testing";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { migrations, openTestAuth, type TestAuth } from "../../test/open-test-auth.ts";
import { auditCommand } from "./audit-command.ts";
import { record } from "./record.ts";

const folder = await mkdtemp(path.join(tmpdir(), "countersign-checkpoints-"));
afterAll(() => rm(folder, { recursive: true }));

describeDatabases("checkpoints of the audit log", { migrations }, (open, { kind }) => {
  let test: TestAuth;
  let db: Database;
  const file = path.join(folder, kind, "checkpoints.jsonl");
  beforeAll(async () => {
    test = await openTestAuth(await open(), { auditCheckpoints: { file } });
    db = test.auth.deps.db;
  });

  /** Writes some rows, seals them and says so outside. */
  async function goOn(auth = test.auth): Promise<void> {
    for (const subject of ["user-1", "user-2"]) {
      const entry = { action: "user.disabled", outcome: "allowed", subject } as const;
      await record(auth.deps.db, entry, { at: test.clock.now(), from: null });
    }
    await auth.deps.auditWork.seal();
    await auth.deps.auditWork.checkpoint();
  }

  async function run(...args: string[]): Promise<{ whole: boolean; last: string }> {
    const lines: string[] = [];
    const deps = { db, keys: test.auth.deps.auditKeys, say: (line: string) => void lines.push(line) };
    return { whole: await auditCommand(args, deps), last: lines.at(-1) ?? "" };
  }

  const kept = async () => (await readFile(file, "utf8")).trimEnd().split("\n");

  it("are kept in a file when the log has moved, and the log contains each", async () => {
    await goOn();
    await goOn();
    await test.auth.deps.auditWork.checkpoint();
    expect(await kept()).toHaveLength(2);
    expect(await run("verify", "--checkpoint", file)).toMatchObject({ whole: true });
    const { last } = await run("head");
    expect(JSON.parse(last)).toMatchObject({ position: JSON.parse((await kept()).at(-1) ?? "").position });
    const printed = path.join(folder, `${kind}.printed`);
    await writeFile(printed, `${last}\n`);
    await goOn();
    expect(await run("verify", "--checkpoint", printed)).toMatchObject({ whole: true });
  });

  it("go on after a restart, also where the last line was cut off in the middle", async () => {
    const again = await openTestAuth(await open(), { auditCheckpoints: { file }, now: test.clock.now });
    const before = (await kept()).length;
    await goOn(again.auth);
    expect(await kept()).toHaveLength(before + 1);
  });

  it("tell of a database that was rolled back as a whole, anchor and all: auth writes none over it, the command finds it", async () => {
    await db.execute(sql`create table auth.earlier as select * from auth.audit_anchor`);
    await goOn();
    await db.execute(sql`alter table auth.audit disable trigger user`);
    await db.execute(sql`delete from auth.audit where position > (select head_position from auth.earlier)`);
    await db.execute(sql`delete from auth.audit_anchor`);
    await db.execute(sql`insert into auth.audit_anchor select * from auth.earlier`);
    expect(await run("verify")).toMatchObject({ whole: true });
    const found = await run("verify", "--checkpoint", file);
    expect(found).toMatchObject({ whole: false, last: expect.stringContaining("checkpoint") });
    const lines = (await kept()).length;
    await expect(test.auth.deps.auditWork.checkpoint()).rejects.toMatchObject({ code: "rolled_back" });

    const restarted = await openTestAuth(await open(), { auditCheckpoints: { file }, now: test.clock.now });
    await expect(goOn(restarted.auth)).rejects.toMatchObject({ code: "rolled_back" });
    await expect(goOn(restarted.auth)).rejects.toMatchObject({ code: "rolled_back" });
    expect(await kept()).toHaveLength(lines);
    expect(await run("verify", "--checkpoint", file)).toMatchObject({ whole: false });
    await db.execute(sql`drop table auth.earlier`);
  });

  it("are refused when auth did not sign them, or they are none", async () => {
    const [line = ""] = await kept();
    const other = path.join(folder, `${kind}.forged`);
    for (const [text, problem] of [
      [line.replace(/"position":\d+/, '"position":1'), "was not signed"],
      [line.replace(/"at":"\d{4}/, '"at":"2001'), "was not signed"],
      ["nonsense", "is no checkpoint"],
    ]) {
      await writeFile(other, `${text}\n`);
      await expect(run("verify", "--checkpoint", other)).rejects.toThrow(`Line 1 of the checkpoints ${problem}`);
    }
    await writeFile(other, "");
    await expect(run("verify", "--checkpoint", other)).rejects.toThrow("has no checkpoint");
    await expect(run("verify", "--checkpoint", `${other}.none`)).rejects.toThrow("There is no file");
    await expect(run("verify", "--snapshot")).rejects.toThrow("Usage");
    await expect(run("head", "--checkpoint", other)).rejects.toThrow("Usage");
  });
});

describeDatabases("checkpoints at a URL", { migrations }, (open) => {
  it("are put there, each as an object of its own, with the credentials of the URL; a refusal is an error", async () => {
    const seen: { request: IncomingMessage; body: string }[] = [];
    let status = 200;
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += String(chunk);
      });
      request.on("end", () => {
        seen.push({ request, body });
        response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = Object(server.address());
    const url = `http://user:pass%20word@127.0.0.1:${port}/audit/{position}.json`;
    const test = await openTestAuth(await open(), { auditCheckpoints: { url } });
    const { seal, checkpoint } = test.auth.deps.auditWork;
    await seal();
    status = 403;
    await expect(checkpoint()).rejects.toThrow("403");
    status = 201;
    await checkpoint();
    await checkpoint();
    expect(seen).toHaveLength(2);
    const [, { request, body } = { request: null, body: "" }] = seen;
    const { position } = JSON.parse(body);
    expect([request?.method, request?.url]).toEqual(["PUT", `/audit/${position}.json`]);
    expect(request?.headers.authorization).toBe(`Basic ${Buffer.from("user:pass word").toString("base64")}`);
    await new Promise((resolve) => server.close(resolve));
  });
});
