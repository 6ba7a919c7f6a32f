import { callProcedure, describeDatabases } from "@countersign/testing";
import { eq } from "drizzle-orm";
import { beforeAll, expect, it } from "vitest";
import { migrations, openTestAuth, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { claimsOf, post, registerUser, type Tokens, tokensOf } from "../../test/requests.ts";
import { revocationIn } from "../../test/revocation-in.ts";
import { audit, sessions, users } from "../schema.ts";
import { startSession } from "../sessions/start-session.ts";
import { changePassword } from "./change-password.ts";

const before = "correct horse";
const after = "battery staple";
const from = { requestId: "test-request", address: "192.0.2.1", userAgent: null };

describeDatabases("changing the password", { migrations }, (open) => {
  let test: TestAuth;
  beforeAll(async () => {
    test = await openTestAuth(await open());
  });

  const change = ({ accessToken: token }: Tokens, currentPassword: string, newPassword: string) =>
    callProcedure(test.app, "changePassword", { type: "mutation", token, input: { currentPassword, newPassword } });
  const login = (email: string, password: string) =>
    post(test.app, "/auth/login", { json: { email, password, mode: "bearer" } });
  const meStatus = async ({ accessToken: token }: Tokens) =>
    (await callProcedure(test.app, "me", { type: "query", token })).status;
  const refreshStatus = async ({ refreshToken }: Tokens) =>
    (await post(test.app, "/auth/refresh", { json: { refreshToken, mode: "bearer" } })).status;
  const auditOf = (subject: string) =>
    test.auth.deps.db.select().from(audit).where(eq(audit.subject, subject)).orderBy(audit.id);
  const lastAuditOf = async (subject: string) => (await auditOf(subject)).at(-1);
  const hashOf = async (userId: string) =>
    (await test.auth.deps.db.select().from(users).where(eq(users.id, userId)))[0]?.passwordHash ?? "";

  it("ends every other session with its tokens, and the one that asked goes on", async () => {
    const email = someEmail();
    const asking = await registerUser(test.app, email, before);
    const others = [tokensOf(await login(email, before)), tokensOf(await login(email, before))];
    const stranger = await registerUser(test.app, someEmail());
    const revoked: unknown[] = [];
    const told = test.bus.subscribe("revocations", { onEvent: ({ data }) => void revoked.push(revocationIn(data)) });
    await told.ready;

    expect(await change(asking, before, after)).toMatchObject({ status: 200, data: { sessionsEnded: 2 } });
    const spared = { kind: "user", id: asking.user.id, below: 1, except: sessionIdOf(asking) };
    expect(revoked).toEqual([expect.objectContaining(spared)]);
    for (const other of others) {
      expect([await meStatus(other), await refreshStatus(other)]).toEqual([401, 401]);
    }
    expect([await meStatus(asking), await refreshStatus(asking), await meStatus(stranger)]).toEqual([200, 200, 200]);
    expect([(await login(email, before)).status, (await login(email, after)).status]).toEqual([401, 200]);
    const detail = { sessionsEnded: 2, sessionKept: sessionIdOf(asking) };
    const lines = await auditOf(asking.user.id);
    const common = { action: "password.changed", actor: asking.user.id };
    expect(lines).toContainEqual(expect.objectContaining({ ...common, outcome: "allowed", detail }));
    expect(JSON.stringify(lines)).not.toMatch(/horse|staple|argon2/);
    await told.close();
  });

  it("is refused without the current password, as FORBIDDEN: the session is not over", async () => {
    const tokens = await registerUser(test.app, someEmail(), before);
    const answer = await change(tokens, "wrong horse", after);
    const error = { data: { code: "FORBIDDEN", fields: [{ field: "currentPassword" }] } };
    expect(answer).toMatchObject({ status: 403, error });
    expect(await lastAuditOf(tokens.user.id)).toMatchObject({ outcome: "refused", reason: "bad_password" });
    expect([await meStatus(tokens), (await login(tokens.user.email, before)).status]).toEqual([200, 200]);
  });

  it.each([
    { name: "the current one", chosen: before },
    { name: "one too short", chosen: "short" },
  ])("takes no new password that is $name", async ({ chosen }) => {
    const tokens = await registerUser(test.app, someEmail(), before);
    const error = { data: { code: "BAD_REQUEST", fields: [{ field: "newPassword" }] } };
    expect(await change(tokens, before, chosen)).toMatchObject({ status: 400, error });
  });

  it("counts guesses together with attempts to sign in", async () => {
    const tokens = await registerUser(test.app, someEmail(), before);
    for (let tried = 0; tried < 5; tried += 1) {
      expect((await change(tokens, `guess ${tried}`, after)).status).toBe(403);
      expect((await login(tokens.user.email, `guess ${tried}`)).status).toBe(401);
    }
    const refused = await change(tokens, before, after);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await login(tokens.user.email, before)).status).toBe(429);
    expect(await lastAuditOf(tokens.user.id)).toMatchObject({ outcome: "refused", reason: "rate_limited" });
  });

  it("does not count what succeeds", async () => {
    const tokens = await registerUser(test.app, someEmail(), before);
    for (let done = 0; done < 12; done += 1) {
      const [current, next] = done % 2 === 0 ? [before, after] : [after, before];
      expect((await change(tokens, current, next)).status).toBe(200);
    }
  });

  it("is refused to a session that has ended, also when it ends while the passwords are hashed", async () => {
    const tokens = await registerUser(test.app, someEmail(), before);
    const sessionId = sessionIdOf(tokens);
    const { db } = test.auth.deps;
    const stored = await hashOf(tokens.user.id);
    await db.update(sessions).set({ endedAt: new Date() }).where(eq(sessions.id, sessionId));
    expect((await change(tokens, before, after)).status).toBe(401);
    const meanwhile = changePassword(
      test.auth.deps,
      { currentPassword: before, newPassword: after },
      { userId: tokens.user.id, sessionId, from },
    );
    await expect(meanwhile).rejects.toMatchObject({ code: "UNAUTHORIZED", reason: "session_ended" });
    expect(await hashOf(tokens.user.id)).toBe(stored);
  });

  it("of two at once one counts, and the other is told", async () => {
    const tokens = await registerUser(test.app, someEmail(), before);
    const answers = await Promise.all([change(tokens, before, `${after} 1`), change(tokens, before, `${after} 2`)]);
    const statuses = answers.map(({ status }) => status);
    expect(statuses).toContain(200);
    expect(statuses.filter((status) => status === 403 || status === 409)).toHaveLength(1); // too late to prove, or to replace
    const winner = `${after} ${statuses.indexOf(200) + 1}`;
    expect((await login(tokens.user.email, winner)).status).toBe(200);
  });

  it("leaves nothing to a sign-in that proved the old password just before", async () => {
    const tokens = await registerUser(test.app, someEmail(), before);
    const { deps } = test.auth;
    const passwordHash = await hashOf(tokens.user.id);
    await change(tokens, before, after);
    const wanted = { userId: tokens.user.id, passwordHash, at: test.clock.now(), from };
    expect(await deps.db.transaction((tx) => startSession(tx, deps, wanted))).toBeNull();
  });
});

function sessionIdOf({ accessToken }: Tokens): string {
  return String(claimsOf(accessToken)["sid"]);
}
