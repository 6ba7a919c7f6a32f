import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { callProcedure, describeDatabases } from "@countersign/testing";
import { eq } from "drizzle-orm";
import { beforeEach, describe, expect, it } from "vitest";
import { migrations, openTestAuth, someEmail } from "../../test/open-test-auth.ts";
import { post, registerUser, tokensOf } from "../../test/requests.ts";
import { runUsers } from "../../test/run-users.ts";
import { users } from "../schema.ts";
import { seedUsers } from "../seed.ts";
import { demoUsers } from "./demo-accounts.ts";

const [alice] = demoUsers;

describeDatabases("the demo accounts in production", { migrations }, (open, { kind, url }) => {
  beforeEach(async () => {
    await (await open()).db.delete(users);
  });

  /** What a start without NODE_ENV leaves behind. */
  async function develop(seeds: Parameters<typeof seedUsers>[1] = demoUsers) {
    const development = await openTestAuth(await open(), { demo: true });
    await seedUsers(development.auth, seeds);
    return development;
  }
  const produce = async () => await openTestAuth(await open(), { demo: false });

  it.each(demoUsers.map(({ email }) => email))("stop the start while %s has its public password", async (email) => {
    await develop(demoUsers.filter((user) => user.email === email));
    const mends = `npm run users -- reset ${email}\n`;
    await expect(produce()).rejects.toMatchObject({
      name: "ConfigurationError",
      message: expect.stringContaining(mends),
    });
    await runUsers(await open(), "disable", email, "--force");
    await expect(produce()).rejects.toThrow(mends);
  });

  it("let it go on when they are reset or deleted as the message says", async () => {
    await develop();
    const addresses = demoUsers.map(({ email }) => email).toSorted();
    await expect(produce()).rejects.toThrow(`npm run users -- reset ${addresses.join(" ")}\n`);
    await runUsers(await open(), "reset", ...addresses);
    await expect(produce()).resolves.toBeDefined();
    await (await open()).db.delete(users);
    await develop();
    await expect(produce()).rejects.toThrow(`npm run users -- delete ${addresses.join(" ")} --force`);
    await runUsers(await open(), "delete", ...addresses, "--force");
    await expect(produce()).resolves.toBeDefined();
  });

  it("are no matter once their passwords were changed, nor are other accounts", async () => {
    const { auth, app } = await develop([
      { ...alice, password: "of her own" },
      { email: someEmail(), password: alice.password, roles: ["admin"] },
    ]);
    await registerUser(app, demoUsers[1].email, demoUsers[2].password);
    await seedUsers(auth, [{ ...demoUsers[2], password: "foreign" }]);
    await auth.deps.db.update(users).set({ passwordHash: "$2b$foreign" }).where(eq(users.email, demoUsers[2].email));
    await expect(produce()).resolves.toBeDefined();
  });

  it("cannot be brought back by a stranger, which would keep the next start from being one", async () => {
    const { app } = await produce();
    const register = (password: string) =>
      post(app, "/auth/register", { json: { email: alice.email.toUpperCase(), password, mode: "bearer" } });
    const fields = (field: string) => ({ error: { data: { code: "BAD_REQUEST", fields: [{ field }] } } });
    expect(await register(alice.password)).toMatchObject({ status: 400, body: fields("password") });
    const { accessToken: token } = tokensOf(await register("of her own"));
    const input = { currentPassword: "of her own", newPassword: alice.password };
    const changed = await callProcedure(app, "changePassword", { type: "mutation", token, input });
    expect(changed).toMatchObject({ status: 400, ...fields("newPassword") });
    await expect(produce()).resolves.toBeDefined();
  });

  if (kind === "pglite") return;
  describe("auth as a process of its own", () => {
    it("ends with the sentence and status 1", async () => {
      await develop();
      const main = fileURLToPath(new URL("../main.ts", import.meta.url));
      const settings = { DATABASE_URL: url() ?? "", SECRETS_KEY: Buffer.alloc(32, 7).toString("base64"), PORT: "0" };
      const env = { PATH: process.env["PATH"], NODE_ENV: "production", TOKEN_ALG: "EdDSA", ...settings };
      const child = spawn(process.execPath, [main], { env, stdio: ["ignore", "ignore", "pipe"] });
      let said = "";
      child.stderr.on("data", (chunk) => (said += String(chunk)));
      const [status] = await once(child, "close");
      expect(status).toBe(1);
      expect(said).toMatch(
        /^NODE_ENV is production, and demo accounts have .*\n {2}npm run users -- reset .*\n.*--force\n$/,
      );
    }, 120_000);
  });
});
