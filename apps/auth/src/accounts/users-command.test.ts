import { callProcedure, describeDatabases } from "@countersign/testing";
import { eq } from "drizzle-orm";
import { beforeAll, expect, it } from "vitest";
import { migrations, openTestAuth, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { post, registerUser, type Tokens } from "../../test/requests.ts";
import { runUsers } from "../../test/run-users.ts";
import { UsageError } from "../cli/command.ts";
import { audit, users } from "../schema.ts";

const password = "correct horse";

describeDatabases("npm run users", { migrations }, (open) => {
  let test: TestAuth;
  beforeAll(async () => {
    test = await openTestAuth(await open());
  });

  const run = async (...args: string[]) => (await runUsers(await open(), ...args)).join("\n");
  const login = async (email: string, given: string) =>
    (await post(test.app, "/auth/login", { json: { email, password: given, mode: "bearer" } })).status;
  const me = async ({ accessToken: token }: Tokens) =>
    (await callProcedure(test.app, "me", { type: "query", token })).status;
  const actionsOn = async (subject: string) => {
    const rows = await test.auth.deps.db.select().from(audit).where(eq(audit.subject, subject)).orderBy(audit.id);
    return rows.filter(({ actor }) => actor === "command line").map(({ action }) => action);
  };

  it("makes the first administrator, and shows accounts with status and roles", async () => {
    const { user } = await registerUser(test.app, someEmail(), password);
    expect(await run("roles", user.email.toUpperCase(), "user", "admin", "user")).toContain(
      "user, admin; access tokens",
    );
    expect(await run("list")).toContain(`${user.email}  active  user, admin  ${user.id}`);
    expect(await run("show", user.email)).toMatch(/ {2}sessions: 1$/);
    expect(await actionsOn(user.id)).toEqual(["user.roles_changed"]);
  });

  it("disables, enables, resets and deletes, with what a running auth publishes", async () => {
    const tokens = await registerUser(test.app, someEmail(), password);
    const { id, email } = tokens.user;
    expect(await run("disable", email)).toContain("disabled");
    await test.auth.deps.relay.flush();
    expect([await me(tokens), await login(email, password)]).toEqual([401, 401]);
    expect(await run("enable", email)).toContain("enabled");
    expect(await login(email, password)).toBe(200);
    const [, made = ""] =
      /^\S+: 1 session ended; the new password, not shown again: (\S+)$/.exec(await run("reset", email)) ?? [];
    expect([await login(email, password), await login(email, made)]).toEqual([401, 200]);
    expect(await run("delete", email)).toBe(`${email}: deleted; 1 session ended`);
    expect(await login(email, made)).toBe(401);
    expect(await actionsOn(id)).toEqual(["user.disabled", "user.enabled", "password.reset", "user.deleted"]);
    expect(JSON.stringify(await test.auth.deps.db.select().from(audit))).not.toContain(made);
    await expect(run("show", email)).rejects.toThrow(`There is no account with the address ${email}.`);
  });

  it("takes several addresses, and lists more accounts than a page holds", async () => {
    const { db } = test.auth.deps;
    const createdAt = new Date(1_000);
    const times = { createdAt, updatedAt: createdAt };
    const account = { passwordHash: "none", roles: ["user" as const], status: "active" as const, ...times };
    const emails = Array.from({ length: 501 }, someEmail);
    await db.insert(users).values(emails.map((email) => ({ ...account, id: crypto.randomUUID(), email })));
    const lines = (await run("list")).split("\n");
    expect(new Set(lines).size).toBe(lines.length);
    for (const email of emails) expect(lines.some((line) => line.startsWith(`${email}  active`))).toBe(true);
    expect((await run("disable", ...emails.slice(0, 2))).split("\n")).toHaveLength(2);
  });

  it.each(
    [
      "",
      "lists",
      "list all",
      "show",
      "show a@example.com b@example.com",
      "roles a@example.com",
      "roles a@example.com root",
      "disable",
      "disable nobody",
      "reset a@example.com --force",
      "toString a@example.com",
      "--force",
    ].map((words) => [words]),
  )("says how it is called for: %s", async (words) => {
    const called = run(...words.split(" ").filter((word) => word !== ""));
    await expect(called).rejects.toThrow(UsageError);
    await expect(called).rejects.toThrow("Usage: npm run users");
  });
});
