import { describeDatabases } from "@countersign/testing";
import { beforeEach, expect, it } from "vitest";
import { migrations, openTestAuth, type TestAuth } from "../../test/open-test-auth.ts";
import { UsageError } from "../cli/command.ts";
import { signingKeys } from "../schema.ts";
import { keysCommand } from "./keys-command.ts";

describeDatabases("npm run keys", { migrations }, (open) => {
  let test: TestAuth;
  beforeEach(async () => {
    await (await open()).db.delete(signingKeys);
    test = await openTestAuth(await open());
  });

  async function run(...args: string[]): Promise<string> {
    const lines: string[] = [];
    await keysCommand(args, test.auth.deps, (line) => lines.push(line));
    return lines.join("\n");
  }

  it("lists, rotates once, and revokes", async () => {
    const [first = ""] = (await run("list")).split(" ");
    expect(await run("list")).toMatch(/^\S+ {2}\S+ {2}current/);
    expect(await run("rotate")).toContain("is published, and signs from");
    expect(await run("rotate")).toContain("waits for its turn");
    expect(await run("revoke", first)).toContain(`${first} is revoked`);
    expect(await run("list")).toMatch(new RegExp(`${first} {2}\\S+ {2}revoked`));
  });

  it.each([[[]], [["rotat"]], [["revoke"]], [["revoke", "nothing"]], [["list", "all"]]])(
    "says how it is called for %j",
    async (args) => {
      await expect(run(...args)).rejects.toThrow(UsageError);
      await expect(run(...args)).rejects.toThrow("Usage: npm run keys");
    },
  );
});
