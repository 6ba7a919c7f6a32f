import { readSettings } from "@countersign/service";
import { describeDatabases } from "@countersign/testing";
import { expect, it } from "vitest";
import { migrations } from "../../test/open-test-auth.ts";
import { servicesCommand } from "../services/services-command.ts";

describeDatabases("receivers of security events by command", { migrations }, (open) => {
  const settings = readSettings("command", {});
  async function run(...args: string[]) {
    const said: string[] = [];
    await servicesCommand(args, { settings, database: await open(), say: (line) => said.push(line) });
    return said.join("\n");
  }

  it("are registered with a secret that is shown once, listed without it, and removed", async () => {
    const added = await run("add-receiver", "shop", "https://shop.example.com");
    expect(added).toMatch(/^shop: registered with the audience https:\/\/shop\.example\.com; .*: csr_[\w-]{43}$/);
    expect(await run("list-receivers")).toBe("shop: https://shop.example.com, no stream");
    expect(await run("add-receiver", "shop")).toContain("urn:countersign:receiver:shop");
    expect(await run("remove-receiver", "shop")).toBe("shop: removed, and its stream with it");
    expect(await run("remove-receiver", "shop")).toBe("shop: there is no such receiver");
    expect(await run("list-receivers")).toBe("no receivers");
  });

  it.each([
    [["add-receiver"]],
    [["add-receiver", "Shop"]],
    [["add-receiver", "shop", "no uri"]],
    [["add-receiver", "shop", "urn:countersign:services"]],
    [["add-receiver", "shop", "https://a.example", "more"]],
    [["remove-receiver", "shop", "more"]],
    [["list-receivers", "shop"]],
  ])("explain themselves for %j", async (args) => {
    await expect(run(...args)).rejects.toThrow("add-receiver <name> [audience]");
  });
});
