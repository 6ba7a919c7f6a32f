import { type OpenDatabase, rowsOf } from "@countersign/database";
import { callProcedure, describeDatabases } from "@countersign/testing";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { migrations, openTestAuth, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { post, registerUser, type Tokens, tokensOf } from "../../test/requests.ts";
import { users } from "../schema.ts";
import { seedUsers } from "../seed.ts";
import { isAdministrator } from "./administrators.ts";

const password = "correct horse";
const operations = ["users.setRoles", "users.disable", "users.delete"] as const;
const pairs = operations.flatMap((first) => operations.map((second) => ({ first, second })));

describeDatabases("the last administrator", { migrations }, (open, { kind, openAgain }) => {
  const rounds = kind === "pglite" ? 1 : 3;
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
  const change = (operation: string, by: Tokens | undefined, whom: Tokens | undefined) => {
    const input = { userId: whom?.user.id, ...(operation === "users.setRoles" ? { roles: ["user"] } : {}) };
    return callProcedure(test.app, operation, { type: "mutation", token: by?.accessToken ?? "", input });
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

  it.each(pairs)("is left when two administrators use $first and $second on each other", async ({ first, second }) => {
    for (let round = 0; round < rounds; round += 1) {
      const [a, b] = await administrators(2);
      const statuses = (await atOnce([() => change(first, a, b), () => change(second, b, a)])).map(
        ({ status }) => status,
      );
      expect(statuses.filter((status) => status === 200)).toHaveLength(1);
      expect(statuses.every((status) => [200, 401, 403, 409].includes(status))).toBe(true);
      expect(await remaining()).toBe(1);
    }
  });

  it("changes nothing for one who lost the right to it while the change waited", async () => {
    const [a, b, c] = await administrators(3);
    const [disabled, late] = await atOnce([() => change("users.disable", a, b), () => change("users.disable", b, c)]);
    expect(disabled?.status).toBe(200);
    expect(late?.status).toBe(401);
    expect(await remaining()).toBe(2);
  });

  it("cannot go by an own change either", async () => {
    const [only] = await administrators(1);
    for (const operation of [...operations, "users.resetPassword"]) {
      const { status, error } = await change(operation, only, only);
      expect({ status, error }).toMatchObject({ status: 409, error: { data: { fields: [{ field: "userId" }] } } });
    }
    expect(await remaining()).toBe(1);
  });
});
