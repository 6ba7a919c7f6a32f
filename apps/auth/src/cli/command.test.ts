import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readUsersCommand } from "../accounts/users-command.ts";
import { readAuditArgs } from "../audit/audit-command.ts";
import { readKeysCommand } from "../keys/keys-command.ts";
import { readServicesCommand } from "../services/services-command.ts";
import { UsageError } from "./command.ts";

/** Runs `npm run users` in a process of its own, with a database that nobody can reach. */
async function run(...args: string[]) {
  const main = fileURLToPath(new URL("./users.ts", import.meta.url));
  const env = { PATH: process.env["PATH"], DATABASE_URL: "postgres://auth:secret-of-mine@127.0.0.1:1/none" };
  const child = spawn(process.execPath, [main, ...args], { env });
  const printed = { out: "", error: "" };
  child.stdout.on("data", (chunk) => (printed.out += String(chunk)));
  child.stderr.on("data", (chunk) => (printed.error += String(chunk)));
  const [status] = await once(child, "close");
  return { status, ...printed };
}

describe("a command", () => {
  it.each([
    { name: "users", read: readUsersCommand },
    { name: "keys", read: readKeysCommand },
    { name: "services", read: readServicesCommand },
    { name: "audit", read: readAuditArgs },
  ])("knows without a database that it was called wrongly: $name", ({ name, read }) => {
    expect(() => read(["destroy"])).toThrow(UsageError);
    expect(() => read([])).toThrow(`Usage: npm run ${name} -- `);
  });

  it("says so with status 2, and in one sentence, without a secret, that there is no database", async () => {
    const [wrong, help, list] = await Promise.all([run("destroy"), run("--help"), run("list")]);
    expect(wrong).toEqual({ status: 2, out: "", error: expect.stringContaining("Usage: npm run users") });
    expect(help).toEqual({ status: 0, out: wrong.error, error: "" });
    expect(list).toEqual({
      status: 1,
      out: "",
      error: "DATABASE_URL: the database does not answer (ECONNREFUSED). Start it, or name one that answers.\n",
    });
  }, 120_000);
});
