import { describeDatabases } from "@countersign/testing";
import { eq } from "drizzle-orm";
import { beforeAll, expect, it } from "vitest";
import { audit, outbox, sessions, users } from "../src/schema.ts";
import { refresh } from "../src/sessions/refresh.ts";
import { migrations, openTestAuth, someEmail, type TestAuth } from "./open-test-auth.ts";
import { someone } from "./refresh-family.ts";
import { claimsOf, post, registerUser, type Tokens, tokensOf } from "./requests.ts";
import { standsAt } from "./stands-at.ts";

const day = 24 * 3600;
const millisecond = 0.001;

describeDatabases("the life of a session", { migrations }, (open) => {
  let test: TestAuth;
  let begun: Tokens;
  let sessionId: string;
  beforeAll(async () => {
    test = await openTestAuth(await open());
  });

  async function begin(): Promise<void> {
    begun = await registerUser(test.app, someEmail());
    sessionId = String(claimsOf(begun.accessToken)["sid"]);
  }
  const renew = ({ refreshToken }: Tokens) =>
    post(test.app, "/auth/refresh", { json: { refreshToken, mode: "bearer" } });
  const endOf = async () => {
    const [row] = await test.auth.deps.db.select().from(sessions).where(eq(sessions.id, sessionId));
    const lines = await test.auth.deps.db.select().from(audit).where(eq(audit.subject, sessionId));
    const ended = lines.filter(({ action }) => action === "session.ended");
    return { reason: row?.endReason, lines: ended.map(({ reason, detail }) => ({ reason, detail })) };
  };
  const isLiveNow = () => standsAt(test, begun);

  it("ends 30 days after its last use, to the millisecond, and each use begins them anew", async () => {
    await begin();
    test.clock.advance(30 * day - millisecond);
    expect(await isLiveNow()).toBe(true);
    const renewed = tokensOf(await renew(begun));
    test.clock.advance(30 * day - millisecond);
    expect(await isLiveNow()).toBe(true);
    test.clock.advance(millisecond);
    expect(await isLiveNow()).toBe(false);
    expect(await endOf()).toEqual({ reason: null, lines: [] });
    expect((await renew(renewed)).status).toBe(401);
    const line = { reason: "expired", detail: expect.objectContaining({ kind: "idle" }) };
    expect(await endOf()).toEqual({ reason: "expired", lines: [line] });
    expect((await renew(renewed)).status).toBe(401);
    expect((await endOf()).lines).toHaveLength(1);
  });

  it("ends 90 days after the sign-in, to the millisecond, however much it is used", async () => {
    await begin();
    let newest = begun;
    for (let weeks = 0; weeks < 12; weeks += 1) {
      test.clock.advance(7 * day);
      newest = tokensOf(await renew(newest));
    }
    test.clock.advance(6 * day - millisecond);
    newest = tokensOf(await renew(newest));
    expect(newest.expiresIn).toBeLessThanOrEqual(1);
    test.clock.advance(millisecond);
    expect(await isLiveNow()).toBe(false);
    expect((await renew(newest)).status).toBe(401);
    expect((await endOf()).lines).toEqual([
      { reason: "expired", detail: expect.objectContaining({ kind: "absolute", newest: 13 }) },
    ]);
  });

  it("lets no cookie and no access token outlive it", async () => {
    const answer = await post(test.app, "/auth/register", { json: { email: someEmail(), password: "correct horse" } });
    expect(maxAges(answer.cookies)[1]).toBe(30 * day);
    let cookie = answer.cookies[1]?.split(";")[0] ?? "";
    for (let months = 0; months < 3; months += 1) {
      test.clock.advance(29 * day);
      const renewed = await post(test.app, "/auth/refresh", { headers: { cookie } });
      cookie = renewed.cookies[1]?.split(";")[0] ?? "";
      if (months === 2) expect(maxAges(renewed.cookies)[1]).toBe(3 * day);
    }
    test.clock.advance(3 * day - 100);
    expect(maxAges((await post(test.app, "/auth/refresh", { headers: { cookie } })).cookies)).toEqual([100, 100, 100]);
  });

  it("is not called reuse when an old token comes after the end", async () => {
    await begin();
    await renew(begun);
    test.clock.advance(30 * day);
    expect((await renew(begun)).status).toBe(401);
    expect((await endOf()).lines).toEqual([{ reason: "expired", detail: expect.objectContaining({ kind: "idle" }) }]);
  });

  it("ends with its user's account, also when that was disabled behind our back", async () => {
    await begin();
    const { deps } = test.auth;
    await deps.db.update(users).set({ status: "disabled" }).where(eq(users.id, begun.user.id));
    await expect(refresh(deps, { token: begun.refreshToken }, someone)).rejects.toMatchObject({
      reason: "user_disabled",
    });
    expect(await endOf()).toMatchObject({ reason: "user_disabled", lines: [{ reason: "user_disabled" }] });
    expect(await deps.db.select().from(outbox).where(eq(outbox.subject, sessionId))).toHaveLength(1);
  });
});

function maxAges(cookies: readonly string[]): readonly number[] {
  return cookies.map((cookie) => Number(/Max-Age=(\d+)/.exec(cookie)?.[1]));
}
