import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { serviceNames } from "@countersign/access";
import { type OpenDatabase, openDatabase } from "@countersign/database";
import { describePostgres } from "@countersign/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Child, startChild } from "../src/run/start-child.ts";
import { post, registerAt } from "./revocation-rig.ts";
import { freePorts, temporaryFolder } from "./start-test-platform.ts";

const root = path.join(import.meta.dirname, "../../..");

describePostgres("a role of the database for each service", { migrations: [] }, (open, url) => {
  const suffix = randomBytes(4).toString("hex");
  const roleOf = (service: string) => `countersign_${service}_${suffix}`;
  const urls = new Map<string, string>();
  const opened = new Map<string, OpenDatabase>();
  const outcomes: ReturnType<typeof migrate>[] = [];
  let files: Awaited<ReturnType<typeof temporaryFolder>>;

  const run = (script: string, args: readonly string[], env: Readonly<Record<string, string>>) => {
    const command = [path.join(root, script), ...args];
    const { PATH = "" } = process.env;
    const { status, stdout, stderr } = spawnSync(process.execPath, command, {
      encoding: "utf8",
      env: { PATH, ...env },
    });
    return { status, stdout, stderr };
  };
  const migrate = () => {
    const args = serviceNames.map((service) => `--role=${service}=${path.join(files.folder, service)}`);
    return run("apps/platform/src/cli/migrate.ts", args, { DATABASE_URL: url() });
  };

  beforeAll(async () => {
    files = await temporaryFolder();
    for (const service of serviceNames) {
      const own = new URL(url());
      own.username = roleOf(service);
      own.password = `p%25-${randomBytes(12).toString("hex")}`;
      await writeFile(path.join(files.folder, service), `${own.href}\n`);
      urls.set(service, own.href);
      opened.set(service, await openDatabase(own.href, { poolSize: 1 }));
    }
    outcomes.push(migrate(), migrate());
  });
  afterAll(async () => {
    for (const database of opened.values()) await database.close();
    const database = await open();
    for (const service of serviceNames) {
      await database.query(`drop owned by ${roleOf(service)} cascade`);
      await database.query(`drop role ${roleOf(service)}`);
    }
    await files.remove();
  });

  it("reaches the tables of its service and the bus, also when it is made once more", async () => {
    for (const outcome of outcomes) expect(outcome).toMatchObject({ status: 0, stderr: "" });
    for (const service of serviceNames) {
      await opened.get(service)?.checkWritable(service);
      const [row] = (await opened.get(service)?.query("select count(*) as count from events.log")) ?? [];
      expect(row).toEqual({ count: "0" });
    }
  });

  it.for([
    ["products", "select email from auth.users"],
    ["inventory", "select * from orders.orders"],
    ["orders", "update auth.users set roles = '{admin}'"],
    ["products", "create table products.own (id int)"],
    ["products", "create schema own"],
    ["products", "delete from products.__drizzle_migrations"],
    ["auth", "alter table auth.audit disable trigger all"],
    ["auth", "truncate auth.audit"],
    ["auth", "drop table events.log"],
  ] as const)("of %s does not do what is another's: %s", async ([service, statement]) => {
    await expect(opened.get(service)?.query(statement)).rejects.toMatchObject({ code: "42501" });
  });

  it("is all that the services need, from sign-in to a sign-out that each of them feels", async () => {
    const portOf = await freePorts(["auth", ...serviceNames]);
    const keys = { SERVICE_KEYS_DIR: files.folder, SECRETS_KEY: randomBytes(32).toString("base64") };
    const own = { DATABASE_URL: urls.get("auth") ?? "", ...keys };
    expect(run("apps/auth/src/cli/services.ts", ["provision"], own)).toMatchObject({ status: 0, stderr: "" });
    const origins = serviceNames.map((name) => [`${name.toUpperCase()}_URL`, `http://127.0.0.1:${portOf(name)}`]);
    const common = { ...Object.fromEntries(origins), LOG_LEVEL: "error", PATH: process.env["PATH"] ?? "" };
    const children: Child[] = [];
    const start = async (name: (typeof serviceNames)[number], env: Readonly<Record<string, string>>) => {
      const mine = { DATABASE_URL: urls.get(name) ?? "", PORT: String(portOf(name)) };
      const child = startChild({ name, env: { ...common, ...mine, ...env }, onLost: () => undefined });
      children.push(child);
      await child.answers(`http://127.0.0.1:${portOf(name)}/health/ready`);
    };
    try {
      await start("auth", keys);
      const others = serviceNames.filter((name) => name !== "auth");
      for (const name of others) await start(name, { SERVICE_KEY_FILE: path.join(files.folder, `${name}.json`) });
      const auth = `http://127.0.0.1:${portOf("auth")}`;
      const { accessToken } = await registerAt(auth);
      const headers = { authorization: `Bearer ${accessToken}` };
      const list = async () =>
        (await fetch(`http://127.0.0.1:${portOf("orders")}/trpc/list?input=%7B%7D`, { headers })).status;
      expect(await list()).toBe(200);
      const out = await fetch(`${auth}/trpc/logoutEverywhere`, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
      });
      expect(out.status).toBe(200);
      await expect.poll(list, { timeout: 2_000 }).toBe(401);
      expect((await post(`${auth}/auth/refresh`, {})).status).toBe(401);
    } finally {
      await Promise.all(children.map((child) => child.stop()));
    }
  }, 120_000);

  it("is not given to the owner's own role, nor made without a password to keep", async () => {
    const admin = new URL(url());
    admin.password = "correct-horse-battery";
    for (const [given, problem] of [
      [admin.href, "may do more"],
      [url().replace("//", "//Some%20One@").replace(/@.*@/, "@"), "names no role"],
      ["postgres://app:short@db/x", "no password of 16"],
    ]) {
      const file = path.join(files.folder, "wrong");
      await writeFile(file, given ?? "");
      const { status, stderr } = run("apps/platform/src/cli/migrate.ts", ["--role", `orders=${file}`], {
        DATABASE_URL: url(),
      });
      expect(status).toBe(1);
      expect(stderr).toContain(problem);
      expect(stderr).not.toMatch(/ {4}at |correct-horse|short/);
    }
  });
});
