import { Refusal } from "@countersign/context";
import { type OpenDatabase, rowsOf } from "@countersign/database";
import { callProcedure, describeDatabases } from "@countersign/testing";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { migrations, openTestAuth, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { post, type Tokens, tokensOf } from "../../test/requests.ts";
import { runUsers } from "../../test/run-users.ts";
import { users } from "../schema.ts";
import { seedUsers } from "../seed.ts";
import { isAdministrator } from "./administrators.ts";

const password = "correct horse";
const procedures = ["users.setRoles", "users.disable", "users.delete"] as const;
const commands = ["roles", "disable", "delete"] as const;
const operations = [...procedures, ...commands];

describeDatabases("the last administrator", { migrations }, (open, { kind, openAgain }) => {
  let test: TestAuth;
  let other: OpenDatabase | undefined;
  afterAll(() => other?.close());
  beforeAll(async () => {
    test = await openTestAuth(await open());
  });

  /** Administrators who are signed in, and no others. */
  async function administrators(count: number): Promise<Tokens[]> {
    await test.auth.deps.db.delete(users);
    const seeds = Array.from({ length: count }, () => ({ email: someEmail(), password, roles: ["admin" as const] }));
    await seedUsers(test.auth, seeds);
    const signIn = ({ email }: { email: string }) =>
      post(test.app, "/auth/login", { json: { email, password, mode: "bearer" } });
    return (await Promise.all(seeds.map(signIn))).map(tokensOf);
  }
  const call = (path: string, by: Tokens | undefined, whom: Tokens | undefined) => {
    const input = { userId: whom?.user.id, ...(path === "users.setRoles" ? { roles: ["user"] } : {}) };
    return callProcedure(test.app, path, { type: "mutation", token: by?.accessToken ?? "", input });
  };
  /** One administrator changes another, or the command line does; gives the status, or the code of the refusal. */
  const change = async (operation: string, by: Tokens | undefined, whom: Tokens | undefined) => {
    if (operation.startsWith("users.")) return (await call(operation, by, whom)).status;
    const words = [operation, whom?.user.email ?? "", ...(operation === "roles" ? ["user"] : [])];
    return await runUsers(await open(), ...words).then(
      () => 200,
      (error: unknown) => (error instanceof Refusal ? error.code : String(error)),
    );
  };
  const remaining = async () => (await test.auth.deps.db.select().from(users)).filter(isAdministrator).length;

  /** Starts one after the other while the accounts are held, each once the one before waits, and lets them go. */
  async function atOnce<Result>(works: readonly (() => Promise<Result>)[]): Promise<Result[]> {
    if (kind === "pglite") return await Promise.all(works.map((work) => work())); // one connection, one turn each
    other ??= await openAgain();
    const started: Promise<Result>[] = [];
    await other.db.transaction(async (tx) => {
      await tx.select().from(users).for("update");
      for (const work of works) {
        started.push(work());
        const isWaiting = sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
        await expect.poll(async () => rowsOf(await tx.execute(isWaiting)).length, { interval: 3 }).toBe(started.length);
      }
    });
    return await Promise.all(started);
  }

  it.each(operations)("is left when two lose the right at once, one of them by %s", async (first) => {
    for (const second of operations) {
      const [a, b] = await administrators(2);
      const outcomes = await atOnce([() => change(first, a, b), () => change(second, b, a)]);
      expect([401, 403, 409, "CONFLICT"]).toContain(outcomes.find((outcome) => outcome !== 200));
      expect(await remaining()).toBe(1);
    }
  });

  it("changes nothing for one who lost the right to it while the change waited", async () => {
    const [a, b, c] = await administrators(3);
    const [disabled, late] = await atOnce([() => change("users.disable", a, b), () => change("users.disable", b, c)]);
    expect([disabled, late]).toEqual([200, 401]);
    expect(await remaining()).toBe(2);
  });

  it("cannot go by an own change, or at the command line unless that is said to be meant", async () => {
    const [only] = await administrators(1);
    for (const operation of [...procedures, "users.resetPassword"]) {
      const answer = await call(operation, only, only);
      expect(answer).toMatchObject({ status: 409, error: { data: { fields: [{ field: "userId" }] } } });
    }
    const address = only?.user.email ?? "";
    for (const words of [
      ["roles", address, "user"],
      ["disable", address],
      ["delete", address],
    ]) {
      await expect(runUsers(await open(), ...words)).rejects.toThrow(/last administrator.* add --force/);
    }
    expect(await remaining()).toBe(1);
    expect(await runUsers(await open(), "disable", address, "--force")).toHaveLength(1);
    expect(await remaining()).toBe(0);
  });
});
