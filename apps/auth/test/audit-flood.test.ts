import { createMemoryStore, type LimitSize, type LimitStore } from "@countersign/service";
import { describeDatabases } from "@countersign/testing";
import { and, count, eq, or, sql } from "drizzle-orm";
import { beforeAll, expect, it } from "vitest";
import { audit } from "../src/schema.ts";
import { postForm } from "./oauth-client.ts";
import { migrations, openTestAuth, someEmail, type TestAuth } from "./open-test-auth.ts";
import { post, type RestAnswer, registerUser, type Tokens, tokensOf } from "./requests.ts";

const password = "correct horse";
const few = (calls: number): LimitSize => ({ calls, perSeconds: 60 });

describeDatabases("one account that fills the audit log", { migrations }, (open) => {
  let test: TestAuth;
  let limited: TestAuth;
  let counts = createMemoryStore();
  beforeAll(async () => {
    test = await openTestAuth(await open());
    const sizes = new Map([
      ["auth.renewal/session", few(4)],
      ["auth.renewal/user", few(6)],
      ["auth.refresh/session", few(10)],
      ["auth.refresh/address", few(5)],
      ["auth.signIn/user", few(3)],
      ["auth.revocation/user", few(3)],
      ["auth.passwordChange/user", few(2)],
      ["auth.clientFailure/address", few(2)],
    ]);
    const store: LimitStore = { ...counts, add: (...one) => counts.add(...one) };
    limited = await openTestAuth(await open(), { limits: { store, sizes } });
  });

  /** How many rows of an action are about a user, by its id as the actor or the subject, or in the detail. */
  async function rowsAbout({ auth }: TestAuth, userId: string, action: string, reason?: string): Promise<number> {
    const isAbout = or(
      eq(audit.actor, userId),
      eq(audit.subject, userId),
      sql`${audit.detail} ->> 'userId' = ${userId}`,
    );
    const isMeant = and(eq(audit.action, action), isAbout, reason === undefined ? undefined : eq(audit.reason, reason));
    return (await auth.deps.db.select({ id: audit.id }).from(audit).where(isMeant)).length;
  }
  /** How many rows there are, and of what size in bytes. */
  async function written({ auth }: TestAuth): Promise<{ rows: number; bytes: number }> {
    const bytes = sql<number>`coalesce(sum(pg_column_size(${audit}.*)), 0)`.mapWith(Number);
    const [all] = await auth.deps.db.select({ rows: count(), bytes }).from(audit);
    return all ?? { rows: 0, bytes: 0 };
  }
  const refresh = ({ app }: TestAuth, refreshToken: string) =>
    post(app, "/auth/refresh", { json: { refreshToken, mode: "bearer" } });
  const revoke = (at: TestAuth, token: string) =>
    postForm(at, "/oauth/revoke", { body: { client_id: "countersign-web", token } });
  const login = ({ app }: TestAuth, email: string, tried = password) =>
    post(app, "/auth/login", { json: { email, password: tried, mode: "bearer" } });
  const call = ({ app }: TestAuth, procedure: string, token: string, json?: unknown) =>
    post(app, `/trpc/${procedure}`, {
      ...(json === undefined ? {} : { json }),
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    });
  const reasonOf = ({ headers }: RestAnswer) => headers.get("ratelimit-policy")?.split(";")[0];

  it("by refresh and revoke has so many rows, however many sessions it has, and loses none of them", async () => {
    const email = someEmail();
    const held: Tokens[] = [await registerUser(limited.app, email)];
    for (let more = 0; more < 2; more += 1) held.push(tokensOf(await login(limited, email)));
    const before = await written(limited);
    const refused: RestAnswer[] = [];
    for (let round = 0; round < 5; round += 1) {
      for (const [index, { refreshToken }] of held.entries()) {
        const renewed = await refresh(limited, refreshToken);
        if (renewed.status === 200) held[index] = tokensOf(renewed);
        else refused.push(renewed);
        if (renewed.status === 200) await revoke(limited, tokensOf(renewed).accessToken);
      }
    }
    const after = await written(limited);
    expect(after.rows - before.rows).toBeLessThanOrEqual(6 + 3 + 2); // two kinds of refusals are told of
    expect(after.bytes - before.bytes).toBeLessThan(11 * 500);
    expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 429));
    expect(refused.map(reasonOf)).toContain('"auth.renewal/user"');
    for (const { headers } of refused) expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    const other = await registerUser(limited.app, someEmail()); // at the same address
    expect((await refresh(limited, other.refreshToken)).status).toBe(200);
    counts = createMemoryStore(); // the windows are over
    for (const { refreshToken } of held) expect((await refresh(limited, refreshToken)).status).toBe(200);
  });

  it("has so many rotations of one session; a repeat in its grace is answered and reuse is noticed meanwhile", async () => {
    const first = await registerUser(limited.app, someEmail());
    const held = [first];
    for (let step = 0; step < 4; step += 1)
      held.push(tokensOf(await refresh(limited, held.at(-1)?.refreshToken ?? "")));
    const [, second, , before, newest] = held.map(({ refreshToken }) => refreshToken);
    const refused = await refresh(limited, newest ?? "");
    expect([refused.status, reasonOf(refused)]).toEqual([429, '"auth.renewal/session"']);
    const repeated = await refresh(limited, before ?? "");
    expect([repeated.status, tokensOf(repeated).refreshToken]).toEqual([200, newest]);
    expect((await refresh(limited, second ?? "")).status).toBe(401);
    expect(await rowsAbout(limited, first.user.id, "session.ended")).toBe(1);
  });

  it("by refused refreshes keeps nobody else at its address from theirs", async () => {
    const { app } = limited;
    const { refreshToken, accessToken } = await registerUser(app, someEmail());
    await call(limited, "logout", accessToken);
    const refused = new Set<number>();
    for (let tried = 0; tried < 15; tried += 1) refused.add((await refresh(limited, refreshToken)).status);
    expect([...refused]).toEqual([401, 429]);
    const other = await registerUser(app, someEmail());
    expect((await refresh(limited, other.refreshToken)).status).toBe(200);
  });

  it("by sign-ins has so many, which who does not know the password cannot use up", async () => {
    const email = someEmail();
    const { user } = await registerUser(limited.app, email);
    for (let tried = 0; tried < 5; tried += 1) expect((await login(limited, email, "wrong")).status).toBe(401);
    const answers = [];
    for (let tried = 0; tried < 6; tried += 1) answers.push(await login(limited, email));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429, 429]);
    expect(answers.slice(3).map(reasonOf)).toContain('"auth.signIn/user"');
    expect(await rowsAbout(limited, user.id, "session.started", "rate_limited")).toBe(1);
    await Promise.all(answers.slice(0, 3).map((answer) => call(limited, "logout", tokensOf(answer).accessToken)));
  });

  it("by revocations has so many, and signs out all the same", async () => {
    let tokens = await registerUser(limited.app, someEmail());
    const revoked: number[] = [];
    const all = [tokens];
    for (let more = 0; more < 3; more += 1) {
      tokens = tokensOf(await refresh(limited, tokens.refreshToken));
      all.push(tokens);
    }
    for (const { accessToken } of all) revoked.push((await revoke(limited, accessToken)).status);
    expect(revoked).toEqual([200, 200, 200, 429]);
    expect((await revoke(limited, tokens.refreshToken)).status).toBe(200);
    expect((await refresh(limited, tokens.refreshToken)).status).toBe(401);
  });

  it("by parallel sign-outs everywhere has one row for the sessions that ended", async () => {
    const { accessToken, user } = await registerUser(test.app, someEmail());
    const answers = await Promise.all(Array.from({ length: 8 }, () => call(test, "logoutEverywhere", accessToken)));
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
    expect(await rowsAbout(test, user.id, "sessions.ended")).toBe(1);
  });

  it("by changes of its password has so many", async () => {
    const { accessToken, user } = await registerUser(limited.app, someEmail());
    const statuses: number[] = [];
    const words = [password, ...Array.from({ length: 4 }, (_, index) => `another horse ${index}`)];
    for (const [index, currentPassword] of words.slice(0, 4).entries()) {
      const json = { currentPassword, newPassword: words[index + 1] };
      statuses.push((await call(limited, "changePassword", accessToken, json)).status);
      if (statuses.at(-1) !== 200) break;
    }
    expect(statuses).toEqual([200, 200, 429]);
    expect(await rowsAbout(limited, user.id, "password.changed")).toBe(3);
  });

  it("by refused OAuth requests has so many rows, and the rest counted in one", async () => {
    const body = { grant_type: "client_credentials", client_id: "orders", client_secret: "wrong" };
    for (let tried = 0; tried < 12; tried += 1) await postForm(limited, "/oauth/token", { body });
    const refusals = await limited.auth.deps.db.select().from(audit).where(eq(audit.action, "token.issued"));
    expect(refusals).toHaveLength(2);
    await limited.auth.chassis.feed.close(); // publishes what is counted, before its minute is over
    const isMeant = and(eq(audit.action, "call.denied"), eq(audit.subject, "token.issued"));
    const counted = async () =>
      (await limited.auth.deps.db.select().from(audit).where(isMeant).orderBy(audit.id)).map(({ detail }) => detail);
    await expect.poll(counted).toMatchObject([{ count: 1 }, { count: 9 }]);
  });
});
