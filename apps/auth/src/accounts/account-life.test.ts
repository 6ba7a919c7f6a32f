import { callProcedure, describeDatabases } from "@countersign/testing";
import { eq } from "drizzle-orm";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { migrations, openTestAuth, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { claimsOf, post, registerUser, type Tokens, tokensOf } from "../../test/requests.ts";
import { audit, outbox, sessions, users } from "../schema.ts";
import { seedUsers } from "../seed.ts";

const password = "correct horse";

describeDatabases("the life of an account", { migrations }, (open) => {
  let test: TestAuth;
  let admin: Tokens;
  beforeAll(async () => {
    test = await openTestAuth(await open());
    const email = someEmail();
    await seedUsers(test.auth, [{ email, password, roles: ["admin"] }]);
    admin = tokensOf(await login(email, password));
  });

  const administer = (path: string, userId: string) =>
    callProcedure(test.app, path, { type: "mutation", token: admin.accessToken, input: { userId } });
  const login = (email: string, given: string) =>
    post(test.app, "/auth/login", { json: { email, password: given, mode: "bearer" } });
  const me = async ({ accessToken: token }: Tokens) =>
    (await callProcedure(test.app, "me", { type: "query", token })).status;
  const refresh = ({ refreshToken }: Tokens) =>
    post(test.app, "/auth/refresh", { json: { refreshToken, mode: "bearer" } });
  const verify = async ({ accessToken: token }: Tokens) =>
    (await post(test.app, "/auth/verify", { json: { token } })).body;
  const lastAuditOf = async (subject: string) => {
    const rows = await test.auth.deps.db.select().from(audit).where(eq(audit.subject, subject)).orderBy(audit.id);
    return rows.at(-1);
  };

  it("goes on after it was disabled: the user signs in again, and what had ended stays ended", async () => {
    const old = await registerUser(test.app, someEmail(), password);
    const { id, email } = old.user;
    await administer("users.disable", id);
    expect((await login(email, password)).status).toBe(401);
    expect(await administer("users.enable", id)).toMatchObject({ status: 200, data: { id, status: "active" } });
    expect(await lastAuditOf(id)).toMatchObject({ action: "user.enabled", actor: admin.user.id });
    expect((await administer("users.enable", id)).data).toMatchObject({ status: "active" });
    expect([await me(old), (await refresh(old)).status, await verify(old)]).toEqual([401, 401, { valid: false }]);
    expect(await me(tokensOf(await login(email, password)))).toBe(200);
  });

  it("ends when it is deleted: no token, session or password of it counts, as if it had never been", async () => {
    const tokens = await registerUser(test.app, someEmail(), password);
    const { id, email } = tokens.user;
    const nobody = await login(someEmail(), password);
    expect(await administer("users.delete", id)).toMatchObject({ status: 200, data: { sessionsEnded: 1 } });
    expect([await me(tokens), await verify(tokens)]).toEqual([401, { valid: false }]);
    const never = `${crypto.randomUUID()}.0.${"a".repeat(43)}`;
    const unknown = await post(test.app, "/auth/refresh", { json: { refreshToken: never, mode: "bearer" } });
    expect(await refresh(tokens)).toMatchObject({ status: 401, body: said(unknown), cookies: [] });
    expect(await login(email, password)).toMatchObject({ status: 401, body: said(nobody) });
    const { db } = test.auth.deps;
    expect(await db.select().from(sessions).where(eq(sessions.userId, id))).toEqual([]);
    expect(await db.select().from(outbox).where(eq(outbox.subject, id))).toHaveLength(1);
    const detail = { sessionsEnded: 1, roles: ["user"] };
    expect(await lastAuditOf(id)).toMatchObject({ action: "user.deleted", actor: admin.user.id, detail });
    expect((await administer("users.delete", id)).status).toBe(404);
    expect((await administer("users.enable", id)).status).toBe(404);
  });

  it("leaves its address free for another account, which has another id and nothing of the first", async () => {
    const first = await registerUser(test.app, someEmail(), password);
    await administer("users.delete", first.user.id);
    const second = await registerUser(test.app, first.user.email, "another password");
    expect(second.user.id).not.toBe(first.user.id);
    expect([await me(first), (await refresh(first)).status, await me(second)]).toEqual([401, 401, 200]);
    expect((await login(first.user.email, password)).status).toBe(401);
  });

  it("is over for a sign-in, a refresh and a change of password that were under way", async () => {
    for (let round = 0; round < 3; round += 1) {
      const tokens = await registerUser(test.app, someEmail(), password);
      const { id, email } = tokens.user;
      const input = { currentPassword: password, newPassword: "battery staple" };
      const [signedIn, refreshed, changed] = await Promise.all([
        login(email, password),
        refresh(tokens),
        callProcedure(test.app, "changePassword", { type: "mutation", token: tokens.accessToken, input }),
        administer("users.delete", id),
      ]);
      expect(changed.status).toBeLessThan(500);
      for (const answer of [signedIn, refreshed]) {
        expect([200, 401]).toContain(answer.status);
        if (answer.status !== 200) continue;
        expect([await me(tokensOf(answer)), (await refresh(tokensOf(answer))).status]).toEqual([401, 401]);
      }
      expect(await test.auth.deps.db.select().from(users).where(eq(users.id, id))).toEqual([]);
    }
  });

  it("gets a random password from an administrator, shown once, and every session ends", async () => {
    const tokens = await registerUser(test.app, someEmail(), password);
    const { id, email } = tokens.user;
    const answer = await administer("users.resetPassword", id);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const reset = z.strictObject({
      password: z.string().regex(/^[a-z2-9]{5}(-[a-z2-9]{5}){3}$/),
      sessionsEnded: z.int(),
    });
    const { password: made, sessionsEnded } = reset.parse(answer.data);
    expect(sessionsEnded).toBe(1);
    expect([await me(tokens), (await refresh(tokens)).status]).toEqual([401, 401]);
    expect([(await login(email, password)).status, (await login(email, made)).status]).toEqual([401, 200]);
    const rows = await test.auth.deps.db.select().from(audit);
    expect(rows).toContainEqual(
      expect.objectContaining({
        action: "password.reset",
        actor: admin.user.id,
        subject: id,
        detail: { sessionsEnded: 1 },
      }),
    );
    expect(JSON.stringify(rows)).not.toContain(made);
    expect((await administer("users.resetPassword", crypto.randomUUID())).status).toBe(404);
  });

  it("stays disabled when its password is reset", async () => {
    const { user } = await registerUser(test.app, someEmail(), password);
    await administer("users.disable", user.id);
    const { data } = await administer("users.resetPassword", user.id);
    expect((await login(user.email, String(Object(data).password))).status).toBe(401);
  });

  it("is in nobody's hands but an administrator's whose own session stands", async () => {
    const { user, accessToken } = await registerUser(test.app, someEmail());
    const ended = tokensOf(await login(admin.user.email, password));
    const sessionId = String(claimsOf(ended.accessToken)["sid"]);
    await test.auth.deps.db.update(sessions).set({ endedAt: new Date() }).where(eq(sessions.id, sessionId));
    for (const path of ["users.enable", "users.delete", "users.resetPassword"]) {
      const by = (token: string) =>
        callProcedure(test.app, path, { type: "mutation", token, input: { userId: user.id } });
      expect([(await by(accessToken)).status, (await by(ended.accessToken)).status]).toEqual([403, 401]);
    }
  });
});

/** The body of an answer, whichever request it was. */
function said({ body }: { readonly body: unknown }): unknown {
  return JSON.parse(JSON.stringify(body), (key, value: unknown) => (key === "requestId" ? expect.any(String) : value));
}
