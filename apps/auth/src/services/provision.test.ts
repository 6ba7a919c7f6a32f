import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { serviceNames, services } from "@countersign/access";
import { readSettings } from "@countersign/service";
import { describeDatabases } from "@countersign/testing";
import { importSigningKey } from "@countersign/tokens";
import { afterEach, beforeEach, expect, it } from "vitest";
import { migrations } from "../../test/open-test-auth.ts";
import { UsageError } from "../cli/command.ts";
import { provisionServices } from "./provision.ts";
import { keysOfService } from "./service-keys.ts";
import { servicesCommand } from "./services-command.ts";

describeDatabases("provisioning services", { migrations }, (open) => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "auth-keys-"));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const provision = async () => provisionServices({ db: (await open()).db, directory, now: Date.now });
  const kidIn = async (file = "") => (await importSigningKey(JSON.parse(await readFile(file, "utf8")))).kid;
  const registered = async () => (await keysOfService((await open()).db, "orders")).map(({ kid }) => kid);
  const command = async (...args: string[]) => {
    const said: string[] = [];
    const settings = readSettings("command", { SERVICE_KEYS_DIR: directory });
    await servicesCommand(args, { settings, database: await open(), say: (line) => said.push(line) });
    return said;
  };

  it("gives every caller a key that its owner alone can read, and changes nothing the second time", async () => {
    const files = await provision();
    const callers = serviceNames.filter((name) => services[name].calls.length > 0);
    expect([...files.keys()]).toEqual([...callers, "gateway"]);
    const file = files.get("orders") ?? "";
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const kid = await kidIn(file);
    expect(await registered()).toContain(kid);
    expect(JSON.stringify(await keysOfService((await open()).db, "orders"))).not.toContain('"d"');
    await provision();
    expect(await kidIn(file)).toBe(kid);
  });

  it("makes a new pair where either half is missing or broken", async () => {
    const file = (await provision()).get("orders") ?? "";
    const first = await kidIn(file);
    await rm(file);
    await provision();
    const second = await kidIn(file);
    await writeFile(file, "not a key");
    await provision();
    const third = await kidIn(file);
    expect(new Set([first, second, third]).size).toBe(3);
    expect(await registered()).toEqual(expect.arrayContaining([first, second, third]));
  });

  it("rotates: the key before stays until the next rotation, unless it must end now", async () => {
    const file = (await provision()).get("orders") ?? "";
    const first = await kidIn(file);
    await command("rotate", "orders");
    const second = await kidIn(file);
    expect(await registered()).toEqual(expect.arrayContaining([first, second]));
    await command("rotate", "orders");
    const third = await kidIn(file);
    expect((await registered()).toSorted()).toEqual([second, third].toSorted());
    await command("rotate", "orders", "--now");
    expect(await registered()).toEqual([await kidIn(file)]);
  });

  it("disables a service until a key is added, and says so once", async () => {
    const file = (await provision()).get("orders") ?? "";
    expect(await command("disable", "orders")).toEqual([expect.stringContaining("disabled; its tokens end")]);
    expect(await command("disable", "orders")).toEqual([expect.stringContaining("no such service")]);
    expect(await registered()).toEqual([]);
    const kid = await kidIn(file);
    await provision();
    expect(await kidIn(file)).toBe(kid);
    expect(await command("add", "orders")).toEqual([expect.stringContaining("takes it up by itself")]);
    expect(await registered()).toEqual(expect.arrayContaining([kid, await kidIn(file)]));
  });

  it("lets a disabled service back in with the key that it had", async () => {
    const kid = await kidIn((await provision()).get("orders"));
    await command("disable", "orders");
    expect(await command("enable", "orders")).toEqual([expect.stringContaining("enabled, with the keys")]);
    expect(await command("enable", "orders")).toEqual([expect.stringContaining("no such service to enable")]);
    expect(await registered()).toContain(kid);
  });

  it("prints a secret once, lists its id alone, removes it, and brings a disabled service back", async () => {
    await provision();
    await command("disable", "orders");
    const [said = ""] = await command("add-secret", "orders");
    const [, id = "", secret = ""] = /secret (\w+) added; it is not shown again: (\S+)$/.exec(said) ?? [];
    expect(secret).toMatch(/^cs_[A-Za-z0-9_-]{43}$/);
    expect((await registered()).length).toBeGreaterThan(0);
    const [listed = ""] = await command("list-secrets", "orders");
    expect(listed).toContain(id);
    expect(listed).not.toContain(secret);
    expect(await command("remove-secret", "products", id)).toEqual([expect.stringContaining("no secret")]);
    expect(await command("remove-secret", "orders", id)).toEqual([`orders: secret ${id} removed`]);
    expect(await command("list-secrets", "orders")).toEqual(["orders: no secrets"]);
    for (const args of [["remove-secret", "orders"], ["remove-secret", "orders", id, id], ["add-secret"]]) {
      await expect(command(...args)).rejects.toThrow(UsageError);
    }
  });

  it("never prints a private key, and says how it is called", async () => {
    const said = (await command("add", "products", "orders")).join("\n");
    const { d } = JSON.parse(await readFile(path.join(directory, "orders.json"), "utf8"));
    expect(said).not.toContain(d);
    for (const args of [[], ["add"], ["remove", "orders"], ["add", "web"], ["toString", "orders"]]) {
      await expect(command(...args)).rejects.toThrow(UsageError);
    }
  });
});
