import type { Role } from "@countersign/access";
import { describeDatabases } from "@countersign/testing";
import { desc, eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { migrations, openTestAuth, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { claimsOf, post, registerUser, type Tokens, tokensOf } from "../../test/requests.ts";
import { disableUser, setRoles } from "../accounts/change-user.ts";
import { audit, outbox, sessions, users } from "../schema.ts";

const from = { requestId: "test-request", address: "192.0.2.1", userAgent: null };
const admin = "00000000-0000-4000-8000-000000000099";

describeDatabases("refreshing over REST", { migrations }, (open) => {
  let test: TestAuth;
  beforeAll(async () => {
    test = await openTestAuth(await open());
  });

  const refreshWith = (refreshToken: string) =>
    post(test.app, "/auth/refresh", { json: { refreshToken, mode: "bearer" } });
  const begin = () => registerUser(test.app, someEmail());

  it("rotates in bearer mode, and the session goes on", async () => {
    const first = await begin();
    const second = tokensOf(await refreshWith(first.refreshToken));
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(second.user).toEqual(first.user);
    expect(sessionIdOf(second)).toBe(sessionIdOf(first));
    expect(tokensOf(await refreshWith(second.refreshToken)).refreshToken).not.toBe(second.refreshToken);
  });

  it("rotates by the cookie, and keeps the body free of tokens", async () => {
    const { cookies } = await post(test.app, "/auth/register", {
      json: { email: someEmail(), password: "correct horse" },
    });
    const cookie = cookies[1]?.split(";")[0] ?? "";
    const answer = await post(test.app, "/auth/refresh", { headers: { cookie, authorization: "Bearer expired" } });
    expect(answer.status).toBe(200);
    expect(Object.keys(Object(answer.body))).toEqual(["user", "expiresIn"]);
    expect(answer.cookies[1]).not.toContain(cookie);
  });

  it("gives all of fifty parallel refreshes the same successor", async () => {
    const { refreshToken, accessToken } = await begin();
    const answers = await Promise.all(Array.from({ length: 50 }, () => refreshWith(refreshToken)));
    const tokens = answers.map(tokensOf);
    expect(new Set(tokens.map((one) => one.refreshToken)).size).toBe(1);
    expect(new Set(tokens.map((one) => claimsOf(one.accessToken)["jti"])).size).toBe(50);
    const [row] = await test.auth.deps.db
      .select()
      .from(sessions)
      .where(eq(sessions.id, String(claimsOf(accessToken)["sid"])));
    expect(row).toMatchObject({ generation: 1, endedAt: null });
  });

  describe("of a token that was used before", () => {
    it("gives the same successor within the grace", async () => {
      const first = await begin();
      const second = tokensOf(await refreshWith(first.refreshToken));
      test.clock.advance(10);
      expect(tokensOf(await refreshWith(first.refreshToken)).refreshToken).toBe(second.refreshToken);
    });

    it.each([
      { kind: "late_predecessor", rotations: 1, wait: 11 },
      { kind: "older_generation", rotations: 2, wait: 0 },
    ])("ends the session as $kind, with its access tokens, and writes it down", async ({ kind, rotations, wait }) => {
      const first = await begin();
      let newest = first;
      for (let done = 0; done < rotations; done += 1) newest = tokensOf(await refreshWith(newest.refreshToken));
      test.clock.advance(wait);

      const reused = await refreshWith(first.refreshToken);
      expect(reused.status).toBe(401);
      expect(reused.body).toMatchObject({ error: { message: "The session has ended; sign in again." } });
      expect((await refreshWith(newest.refreshToken)).status).toBe(401);
      const headers = { authorization: `Bearer ${newest.accessToken}` };
      expect((await test.app.request("/trpc/me", { headers })).status).toBe(401);

      const { db } = test.auth.deps;
      const sessionId = sessionIdOf(first);
      const lines = await db.select().from(audit).where(eq(audit.subject, sessionId)).orderBy(desc(audit.id));
      expect(lines[0]).toMatchObject({
        action: "session.ended",
        outcome: "refused",
        reason: "reuse",
        detail: { kind },
      });
      expect(lines[0]?.address).toBe("192.0.2.1");
      const [row] = await db.select().from(sessions).where(eq(sessions.id, sessionId));
      expect(row).toMatchObject({ endReason: "reuse" });
      expect(await db.select().from(outbox).where(eq(outbox.subject, sessionId))).toHaveLength(1);
    });

    it("ends the session once, however many present it", async () => {
      const first = await begin();
      const second = tokensOf(await refreshWith(first.refreshToken));
      await refreshWith(second.refreshToken);
      const answers = await Promise.all(Array.from({ length: 10 }, () => refreshWith(first.refreshToken)));
      expect(answers.every(({ status }) => status === 401)).toBe(true);
      expect(
        await test.auth.deps.db
          .select()
          .from(outbox)
          .where(eq(outbox.subject, sessionIdOf(first))),
      ).toHaveLength(1);
    });

    it("ends the session for a generation that was never given out", async () => {
      const first = await begin();
      const ahead = test.auth.deps.refreshTokens.issue(sessionIdOf(first), 5);
      expect((await refreshWith(ahead)).status).toBe(401);
      expect((await refreshWith(first.refreshToken)).status).toBe(401);
    });
  });

  it("takes the cookies away with the session, and only then", async () => {
    const headers = { cookie: "refresh_token=garbage" };
    const answer = await post(test.app, "/auth/refresh", { headers });
    expect(answer.status).toBe(401);
    expect(answer.cookies).toEqual([
      "auth_token=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax",
      "refresh_token=; Max-Age=0; Path=/auth; HttpOnly; SameSite=Strict",
      "session_hint=; Max-Age=0; Path=/; SameSite=Lax",
    ]);
    expect((await refreshWith("garbage")).cookies).toEqual([]);
    expect((await post(test.app, "/auth/refresh", { headers, json: { mode: "odd" } })).cookies).toEqual([]);
  });

  it("refuses a body that contradicts its mode, and none at all", async () => {
    const { refreshToken } = await begin();
    for (const json of [{ refreshToken, mode: "cookie" }, { mode: "bearer" }]) {
      const answer = await post(test.app, "/auth/refresh", { json });
      expect(answer.body).toMatchObject({
        error: { data: { code: "BAD_REQUEST", fields: [{ field: "refreshToken" }] } },
      });
    }
    expect((await post(test.app, "/auth/refresh")).status).toBe(401);
    expect((await refreshWith(refreshToken)).status).toBe(200);
  });

  it("ends with the idle life, and with the absolute one whatever its use", async () => {
    const day = 24 * 3600;
    const own = await openTestAuth(await open());
    const renew = (token: string) => post(own.app, "/auth/refresh", { json: { refreshToken: token, mode: "bearer" } });
    const idle = await registerUser(own.app, someEmail());
    let used = await registerUser(own.app, someEmail());
    for (let days = 29; days <= 87; days += 29) {
      own.clock.advance(29 * day);
      used = tokensOf(await renew(used.refreshToken));
    }
    expect((await renew(idle.refreshToken)).status).toBe(401);
    own.clock.advance(3 * day - 60);
    used = tokensOf(await renew(used.refreshToken));
    expect(used.expiresIn).toBeLessThanOrEqual(60);
    own.clock.advance(61);
    expect((await renew(used.refreshToken)).status).toBe(401);
  });

  it("reads the roles anew, with the version of the account in place of a date ahead", async () => {
    const first = await begin();
    await setRoles(test.auth.deps, ["user", "admin"], { userId: first.user.id, actor: admin, from });
    const headers = { authorization: `Bearer ${first.accessToken}` };
    expect((await test.app.request("/trpc/me", { headers })).status).toBe(401);

    const second = tokensOf(await refreshWith(first.refreshToken));
    expect(second.user.roles).toEqual(["user", "admin"]);
    const renewed = { authorization: `Bearer ${second.accessToken}` };
    expect((await test.app.request("/trpc/users.list", { headers: renewed })).status).toBe(200);
    const { iat, user_version: version } = claimsOf(second.accessToken);
    expect({ iat, version }).toEqual({ iat: Math.floor(test.clock.now() / 1000) - 1, version: 1 });
  });

  it("is refused to a disabled user, whose sessions have ended", async () => {
    const first = await begin();
    await disableUser(test.auth.deps, { userId: first.user.id, actor: admin, from });
    expect((await refreshWith(first.refreshToken)).status).toBe(401);
    await test.auth.deps.db.update(users).set({ status: "active" }).where(eq(users.id, first.user.id));
    expect((await refreshWith(first.refreshToken)).status).toBe(401);
  });

  it("never lets an old role pass for a new one, whichever of a change and a refresh comes first", async () => {
    const { user, refreshToken } = await begin();
    let newest = refreshToken;
    for (let round = 0; round < 6; round += 1) {
      const roles: Role[] = round % 2 === 0 ? ["user", "admin"] : ["user"];
      test.clock.advance(60);
      const change = { userId: user.id, actor: admin, from };
      const [answer] = await Promise.all([refreshWith(newest), setRoles(test.auth.deps, roles, change)]);
      const tokens = tokensOf(answer);
      newest = tokens.refreshToken;
      const headers = { authorization: `Bearer ${tokens.accessToken}` };
      const isBelieved = (await test.app.request("/trpc/me", { headers })).status === 200;
      const isNew = tokens.user.roles.join() === roles.join();
      expect(isBelieved).toBe(isNew);
    }
  });
});

function sessionIdOf({ accessToken }: Tokens): string {
  return String(claimsOf(accessToken)["sid"]);
}
