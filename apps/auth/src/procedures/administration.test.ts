import { callProcedure, describeDatabases } from "@countersign/testing";
import { eq } from "drizzle-orm";
import { beforeAll, expect, it } from "vitest";
import { migrations, openTestAuth, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { claimsOf, post, registerUser, type Tokens, tokensOf } from "../../test/requests.ts";
import { sessions } from "../schema.ts";
import { seedUsers } from "../seed.ts";

const password = "admin-demo-2026";

describeDatabases("administering accounts", { migrations }, (open) => {
  let test: TestAuth;
  let admin: Tokens;
  beforeAll(async () => {
    test = await openTestAuth(await open());
    const email = someEmail();
    await seedUsers(test.auth, [{ email, password, roles: ["user", "admin"] }]);
    await seedUsers(test.auth, [{ email, password: "another password", roles: ["user"] }]);
    admin = tokensOf(await post(test.app, "/auth/login", { json: { email, password, mode: "bearer" } }));
  });

  const query = (path: string, input?: unknown) =>
    callProcedure(test.app, path, {
      type: "query",
      token: admin.accessToken,
      ...(input === undefined ? {} : { input }),
    });
  const mutate = (path: string, input: unknown) =>
    callProcedure(test.app, path, { type: "mutation", token: admin.accessToken, input });

  it("pages through every account once, without a hash", async () => {
    const made = await Promise.all(Array.from({ length: 7 }, () => registerUser(test.app, someEmail())));
    const seen: string[] = [];
    let cursor: string | null | undefined;
    do {
      const { data } = await query("users.list", { limit: 3, ...(cursor && { cursor }) });
      expect(JSON.stringify(data)).not.toContain("argon2");
      const page = data as { items: { id: string }[]; nextCursor: string | null }; // the procedure's answer
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining([admin.user.id, ...made.map(({ user }) => user.id)]));
    expect((await query("users.list", { cursor: "garbage" })).status).toBe(400);
  });

  it("gives roles, and disables an account with all its sessions", async () => {
    const { user, accessToken, refreshToken } = await registerUser(test.app, someEmail());
    const given = await mutate("users.setRoles", { userId: user.id, roles: ["admin", "user"] });
    expect(given.data).toMatchObject({ id: user.id, email: user.email, roles: ["admin", "user"], status: "active" });
    const old = await callProcedure(test.app, "me", { type: "query", token: accessToken });
    expect(old.status).toBe(401);

    const disabled = await mutate("users.disable", { userId: user.id });
    expect(disabled.data).toMatchObject({ status: "disabled" });
    expect((await mutate("users.disable", { userId: user.id })).data).toMatchObject({ status: "disabled" });
    const renewed = await post(test.app, "/auth/refresh", { json: { refreshToken, mode: "bearer" } });
    expect(renewed.status).toBe(401);
  });

  it("refuses unknown users, unknown roles, and what would lock the last administrator out", async () => {
    const nobody = crypto.randomUUID();
    expect((await mutate("users.disable", { userId: nobody })).status).toBe(404);
    expect((await mutate("users.setRoles", { userId: nobody, roles: ["user"] })).status).toBe(404);
    expect((await mutate("users.setRoles", { userId: nobody, roles: ["root"] })).status).toBe(400);
    expect((await mutate("users.setRoles", { userId: nobody, roles: [] })).status).toBe(400);
    expect((await mutate("users.disable", { userId: admin.user.id })).status).toBe(409);
    expect((await mutate("users.setRoles", { userId: admin.user.id, roles: ["user"] })).status).toBe(409);
  });

  it("takes an id in capitals for the same id: what it ends is ended everywhere", async () => {
    const capitals = admin.user.id.toUpperCase();
    expect((await mutate("users.disable", { userId: capitals })).status).toBe(409);
    expect((await mutate("users.setRoles", { userId: capitals, roles: ["user"] })).status).toBe(409);
    const { user, accessToken } = await registerUser(test.app, someEmail());
    expect((await mutate("users.disable", { userId: user.id.toUpperCase() })).status).toBe(200);
    expect((await callProcedure(test.app, "me", { type: "query", token: accessToken })).status).toBe(401);
    const { data } = await query("audit.list", { subject: user.id, limit: 1 });
    expect(data).toMatchObject({ items: [{ action: "user.disabled" }] });
  });

  it("ends the tokens of a session that is named in capitals", async () => {
    const { accessToken: token } = await registerUser(test.app, someEmail());
    const sessionId = String(claimsOf(token)["sid"]).toUpperCase();
    const revoked = await callProcedure(test.app, "sessions.revoke", { type: "mutation", token, input: { sessionId } });
    expect(revoked.status).toBe(200);
    expect((await callProcedure(test.app, "me", { type: "query", token })).status).toBe(401);
  });

  it.each([
    ["users.list", { cursor: `253402300800000.${crypto.randomUUID()}` }],
    ["users.list", { cursor: `999999999999999.${crypto.randomUUID()}` }],
    ["audit.list", { subject: "a\0" }],
    ["audit.list", { actor: "\0" }],
  ])("calls malformed what the database could not even be asked: %s %j", async (path, input) => {
    expect((await query(path, input)).status).toBe(400);
  });

  it("asks whether the administrator's own session stands, before the revocation arrives", async () => {
    const login = { email: admin.user.email, password, mode: "bearer" };
    const second = tokensOf(await post(test.app, "/auth/login", { json: login }));
    const { db } = test.auth.deps;
    const sessionId = String(claimsOf(second.accessToken)["sid"]);
    await db.update(sessions).set({ endedAt: new Date() }).where(eq(sessions.id, sessionId));
    const call = { type: "mutation", token: second.accessToken, input: { userId: crypto.randomUUID() } } as const;
    expect((await callProcedure(test.app, "users.disable", call)).status).toBe(401);
  });

  it("writes down who did what to whom, and shows it newest first", async () => {
    const { user } = await registerUser(test.app, someEmail());
    await mutate("users.setRoles", { userId: user.id, roles: ["admin"] });
    await mutate("users.disable", { userId: user.id });
    const { data } = await query("audit.list", { subject: user.id, limit: 2 });
    const { items, nextCursor } = data as { items: unknown[]; nextCursor: string | null }; // the procedure's answer
    const common = { actor: admin.user.id, subject: user.id, outcome: "allowed", requestId: expect.any(String) };
    expect(items).toMatchObject([
      { ...common, action: "user.disabled", detail: { sessionsEnded: 1 } },
      { ...common, action: "user.roles_changed", detail: { before: ["user"], after: ["admin"] } },
    ]);
    const rest = await query("audit.list", { subject: user.id, cursor: nextCursor });
    expect(rest.data).toMatchObject({ items: [{ action: "account.registered" }], nextCursor: null });
  });

  it("writes down what a known user was refused", async () => {
    const { user, accessToken } = await registerUser(test.app, someEmail());
    await callProcedure(test.app, "users.list", { type: "query", token: accessToken });
    await expect
      .poll(async () => (await query("audit.list", { subject: "users.list" })).data)
      .toMatchObject({
        items: [{ action: "call.denied", outcome: "refused", actor: user.id, reason: "wrong_permission" }],
      });
  });
});
