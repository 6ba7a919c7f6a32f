import { createMemoryStore } from "@countersign/service";
import { describeDatabases } from "@countersign/testing";
import { eq, sql } from "drizzle-orm";
import { beforeAll, expect, it } from "vitest";
import { createOAuthClient } from "../test/oauth-client.ts";
import { migrations, openTestAuth, publicUrl, someEmail, type TestAuth } from "../test/open-test-auth.ts";
import { post, registerUser } from "../test/requests.ts";
import { audit } from "./schema.ts";

describeDatabases("attacks on auth", { migrations }, (open) => {
  let test: TestAuth;
  beforeAll(async () => {
    test = await openTestAuth(await open());
  });

  const login = (json: object, address: string) => post(test.app, "/auth/login", { json, address });

  it("a batch of five hundred sign-ins runs none", async () => {
    const before = test.auth.deps.passwords.computed();
    const input = Object.fromEntries(
      Array.from({ length: 500 }, (_, index) => [index, { email: "alice@example.com", password: `guess-${index}` }]),
    );
    const path = Array<string>(500).fill("login").join(",");
    const answer = await post(test.app, `/trpc/${path}?batch=1`, { json: input });
    expect(answer.status).toBe(400);
    expect(test.auth.deps.passwords.computed()).toBe(before);
  });

  it("guessing one account from many addresses ends after ten tries, with Retry-After and one line in the log", async () => {
    const { user } = await registerUser(test.app, someEmail());
    test.clock.advance(60); // the account was not changed since the first guess
    const guesses = Array.from({ length: 40 }, (_, index) =>
      login({ email: user.email, password: `guess-${index}` }, `198.51.100.${index}`),
    );
    const answers = await Promise.all(guesses);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
    const limited = answers.filter(({ status }) => status === 429);
    expect(limited).toHaveLength(30);
    expect(Number(limited[0]?.headers.get("retry-after"))).toBeGreaterThan(0);
    const right = await login({ email: user.email, password: "correct horse" }, "203.0.113.1");
    expect(right.status).toBe(429);
    const ofEmail = sql`${audit.detail}->>'email' = ${user.email} and ${audit.reason} = 'rate_limited'`;
    expect(await test.auth.deps.db.select().from(audit).where(ofEmail)).toHaveLength(1);
  });

  it("guessing many accounts from one network ends too, whichever face and address of its /64 is used", async () => {
    const sizes = new Map([["auth.login/address", { calls: 20, perSeconds: 60 }]]);
    const own = await openTestAuth(await open(), { limits: { store: createMemoryStore(), sizes } });
    const statuses = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const json = { email: `nobody-${index}@example.com`, password: "guess" };
        const path = index % 2 === 0 ? "/auth/login" : "/trpc/login";
        return (await post(own.app, path, { json, address: `2001:db8::${index}` })).status;
      }),
    );
    expect(statuses.filter((status) => status === 401)).toHaveLength(20);
    expect(statuses.filter((status) => status === 429)).toHaveLength(40);
  });

  it("a forwarded address counts only from a trusted proxy", async () => {
    const { user } = await registerUser(test.app, someEmail());
    const json = { email: user.email, password: "correct horse", mode: "bearer" };
    const headers = { "x-forwarded-for": "198.51.100.77" };
    await post(test.app, "/auth/login", { json, headers, address: "192.0.2.50" });
    await post(test.app, "/auth/login", { json, headers, address: "10.1.2.3" });
    const lines = await test.auth.deps.db.select().from(audit).where(eq(audit.actor, user.id)).orderBy(audit.id);
    expect(lines.slice(-2).map(({ address }) => address)).toEqual(["192.0.2.50", "198.51.100.77"]);
  });

  it("the audit log cannot be changed, shortened or emptied", async () => {
    await registerUser(test.app, someEmail());
    const database = await open();
    for (const statement of ["update auth.audit set reason = 'x'", "delete from auth.audit", "truncate auth.audit"]) {
      await expect(database.query(statement)).rejects.toThrow("append-only");
    }
  });

  it("no answer and no line of the audit log holds a password, a hash or a token", async () => {
    const email = someEmail();
    const tokens = await registerUser(test.app, email, "very secret horse");
    await login({ email, password: "very wrong horse" }, "192.0.2.9");
    await post(test.app, "/auth/refresh", { json: { refreshToken: tokens.refreshToken, mode: "bearer" } });
    const written = JSON.stringify(await test.auth.deps.db.select().from(audit));
    for (const secret of ["secret horse", "wrong horse", "argon2", tokens.refreshToken, tokens.accessToken]) {
      expect(written).not.toContain(secret);
    }
  });

  it("a service that a user's token came to ends no session of the user, reads none, and changes no password", async () => {
    const alice = await registerUser(test.app, someEmail());
    const orders = await createOAuthClient(test, "orders");
    const authorization = `Bearer ${await orders.exchange(alice.accessToken, "auth")}`;
    const call = (path: string, json: object = {}, type = "mutation") =>
      type === "query"
        ? test.app.request(`${publicUrl}${path}`, { headers: { authorization } })
        : post(test.app, path, { json, headers: { authorization } });
    const passwords = { currentPassword: "correct horse", newPassword: "another horse" };
    const refused = [
      await call("/trpc/logout"),
      await call("/trpc/logoutEverywhere"),
      await call("/trpc/sessions.list", {}, "query"),
      await call("/trpc/sessions.revoke", { sessionId: crypto.randomUUID() }),
      await call("/trpc/changePassword", passwords),
      await call("/auth/logout"),
    ];
    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 403]);
    const own = { headers: { authorization: `Bearer ${alice.accessToken}` } };
    expect((await test.app.request(`${publicUrl}/trpc/sessions.list`, own)).status).toBe(200);
  });

  it("a page of another site cannot sign its visitor out with a form", async () => {
    const body = new URLSearchParams({ mode: "cookie" });
    const request = new Request(`${publicUrl}/auth/logout`, { method: "POST", body });
    expect((await test.app.request(request)).status).toBe(400);
  });

  it("SQL, prototype names and control characters are only text", async () => {
    for (const text of ["'; drop table auth.users; --", "__proto__", "\u0000\u0001", "%00"]) {
      const json = { email: `${text}@example.com`, password: text.padEnd(8, "x"), __proto__: { mode: "bearer" } };
      const { status } = await login(json, "192.0.2.200");
      expect([400, 401]).toContain(status);
      const { status: again } = await login({ email: "a@example.com", password: text }, "192.0.2.201");
      expect(again).toBe(401);
    }
  });
});
