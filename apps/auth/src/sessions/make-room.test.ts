import { createMemoryStore } from "@countersign/service";
import { describeDatabases } from "@countersign/testing";
import { and, eq, isNull } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { migrations, openTestAuth, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { post, type RestAnswer, registerUser, tokensOf } from "../../test/requests.ts";
import { audit, sessions } from "../schema.ts";

const bound = 5;

describeDatabases("sessions that make room for a new one", { migrations }, (open) => {
  let test: TestAuth;
  beforeAll(async () => {
    const sizes = new Map([["auth.login/account", { calls: 1_000, perSeconds: 60 }]]); // so that many may sign in at once
    const limits = { store: createMemoryStore(), sizes };
    test = await openTestAuth(await open(), { sessionsPerUser: bound, limits });
  });

  const signIn = (email: string, headers: Record<string, string> = {}, mode = "bearer") =>
    post(test.app, "/auth/login", { json: { email, password: "correct horse", mode }, headers });
  const refresh = async (refreshToken: string) =>
    (await post(test.app, "/auth/refresh", { json: { refreshToken, mode: "bearer" } })).status;
  const sessionOf = (refreshToken: string) => refreshToken.split(".")[0] ?? "";
  const ended = async (refreshToken: string) => {
    const { db } = test.auth.deps;
    const id = sessionOf(refreshToken);
    const [row] = await db.select().from(sessions).where(eq(sessions.id, id));
    const lines = await db
      .select()
      .from(audit)
      .where(and(eq(audit.subject, id), eq(audit.action, "session.ended")));
    return [row?.endReason, ...lines.map(({ reason }) => reason)];
  };

  describe("of one user beyond the bound", () => {
    it("are those that were not used for longest: ended, written down, and refused at once", async () => {
      const first = await registerUser(test.app, someEmail());
      const { email, id } = first.user;
      const others: string[] = [];
      for (let count = 1; count < bound; count += 1) {
        test.clock.advance(1);
        others.push(tokensOf(await signIn(email)).refreshToken);
      }
      test.clock.advance(1);
      expect(await refresh(first.refreshToken)).toBe(200); // used again: now the second one is the oldest
      test.clock.advance(1);
      const newest = tokensOf(await signIn(email)).refreshToken;
      expect(await ended(others[0] ?? "")).toEqual(["too_many", "too_many"]);
      expect(await refresh(others[0] ?? "")).toBe(401);
      expect([await refresh(others[1] ?? ""), await refresh(newest)]).toEqual([200, 200]);
      const { db } = test.auth.deps;
      expect(await db.$count(sessions, and(eq(sessions.userId, id), isNull(sessions.endedAt)))).toBe(bound);
    });

    it("are never left over, however many sign in at once", async () => {
      const { user, accessToken } = await registerUser(test.app, someEmail());
      test.clock.advance(1);
      const answers = await Promise.all(Array.from({ length: 30 }, () => signIn(user.email)));
      expect(answers.every(({ status }) => status === 200)).toBe(true);
      const { db } = test.auth.deps;
      expect(await db.$count(sessions, and(eq(sessions.userId, user.id), isNull(sessions.endedAt)))).toBe(bound);
      const me = () => test.app.request("/trpc/me", { headers: { authorization: `Bearer ${accessToken}` } });
      await expect.poll(async () => (await me()).status).toBe(401);
    });
  });

  describe("of one browser", () => {
    it("end when it signs in again, as the same user or as another one", async () => {
      const { user } = await registerUser(test.app, someEmail());
      const other = await registerUser(test.app, someEmail());
      const first = await signIn(user.email, {}, "cookie");
      const second = await signIn(user.email, { cookie: cookieOf(first) }, "cookie");
      expect(await ended(tokenOf(first))).toEqual(["replaced", "replaced"]);
      const third = await signIn(other.user.email, { cookie: cookieOf(second) }, "cookie");
      expect(await ended(tokenOf(second))).toEqual(["replaced", "replaced"]);
      const json = { email: someEmail(), password: "correct horse" };
      const fourth = await post(test.app, "/auth/register", { json, headers: { cookie: cookieOf(third) } });
      expect(fourth.status).toBe(200);
      expect(await ended(tokenOf(third))).toEqual(["replaced", "replaced"]);
      expect(await refresh(tokenOf(fourth))).toBe(200);
      expect(await refresh(other.refreshToken)).toBe(200);
    });

    it("stay when the sign-in fails, and when a client that holds its tokens itself signs in", async () => {
      const { user } = await registerUser(test.app, someEmail());
      const first = await signIn(user.email, {}, "cookie");
      const headers = { cookie: cookieOf(first) };
      const wrong = { email: user.email, password: "wrong horse" };
      expect((await post(test.app, "/auth/login", { json: wrong, headers })).status).toBe(401);
      expect((await signIn(user.email, headers, "bearer")).status).toBe(200);
      expect(await refresh(tokenOf(first))).toBe(200);
    });

    it("are found among cookies of others, which never make a sign-in fail", async () => {
      const { user } = await registerUser(test.app, someEmail());
      const first = await signIn(user.email, {}, "cookie");
      const forged = `refresh_token=${sessionOf(tokenOf(await signIn(user.email)))}.0.${"A".repeat(43)}`;
      const cookie = `refresh_token=foreign; refresh_token=; ${cookieOf(first)}; ${forged}`;
      expect((await signIn(user.email, { cookie }, "cookie")).status).toBe(200);
      expect(await ended(tokenOf(first))).toEqual(["replaced", "replaced"]);
      const running = and(eq(sessions.userId, user.id), isNull(sessions.endedAt));
      expect(await test.auth.deps.db.$count(sessions, running)).toBe(3);
    });
  });
});

function cookieOf(answer: RestAnswer): string {
  return answer.cookies.find((cookie) => cookie.startsWith("refresh_token="))?.split(";")[0] ?? "";
}

function tokenOf(answer: RestAnswer): string {
  return cookieOf(answer).slice("refresh_token=".length);
}
