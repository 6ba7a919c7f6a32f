import { createTestIssuer, describeDatabases } from "@countersign/testing";
import { beforeAll, expect, it } from "vitest";
import { migrations, openTestAuth, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { post, registerUser, type Tokens, tokensOf } from "../../test/requests.ts";
import { standsAt } from "../../test/stands-at.ts";

describeDatabases("signing out and verifying", { migrations }, (open) => {
  let test: TestAuth;
  beforeAll(async () => {
    test = await openTestAuth(await open());
  });

  const bearer = ({ accessToken }: Tokens) => ({ authorization: `Bearer ${accessToken}` });
  const meStatus = async (tokens: Tokens) => (await test.app.request("/trpc/me", { headers: bearer(tokens) })).status;
  const refreshStatus = async ({ refreshToken }: Tokens) =>
    (await post(test.app, "/auth/refresh", { json: { refreshToken, mode: "bearer" } })).status;
  const mutate = (name: string, tokens: Tokens, input: unknown = {}) =>
    post(test.app, `/trpc/${name}`, { json: input, headers: bearer(tokens) });
  const verify = async (json: object) => (await post(test.app, "/auth/verify", { json })).body;
  const twoSessions = async () => {
    const email = someEmail();
    const first = await registerUser(test.app, email);
    const login = { email, password: "correct horse", mode: "bearer" };
    return { first, second: tokensOf(await post(test.app, "/auth/login", { json: login })) };
  };

  it("ends the session of the refresh cookie, although the access token has expired, and removes the cookies", async () => {
    const tokens = await registerUser(test.app, someEmail());
    const headers = { cookie: `refresh_token=${tokens.refreshToken}`, authorization: "Bearer expired" };
    const answer = await post(test.app, "/auth/logout", { headers });
    expect(answer).toMatchObject({ status: 200, body: { ok: true } });
    expect(answer.cookies.map((cookie) => cookie.split(";")[0])).toEqual([
      "auth_token=",
      "refresh_token=",
      "session_hint=",
    ]);
    expect([await meStatus(tokens), await refreshStatus(tokens)]).toEqual([401, 401]);
  });

  it("ends the session of a refresh token in the body, or of the access token alone", async () => {
    const { first, second } = await twoSessions();
    await post(test.app, "/auth/logout", { json: { refreshToken: first.refreshToken } });
    expect([await meStatus(first), await meStatus(second)]).toEqual([401, 200]);
    await post(test.app, "/auth/logout", { headers: bearer(second) });
    expect([await meStatus(second), await refreshStatus(second)]).toEqual([401, 401]);
  });

  it("answers alike where there is nobody to sign out, and where the session has ended", async () => {
    const tokens = await registerUser(test.app, someEmail());
    const again = { json: { refreshToken: tokens.refreshToken } };
    for (const request of [{}, again, again]) {
      expect(await post(test.app, "/auth/logout", request)).toMatchObject({ status: 200, body: { ok: true } });
    }
  });

  it("does not say that it ended what it could not: a bad token that is no cookie is refused", async () => {
    const tokens = await registerUser(test.app, someEmail());
    const of = (headers: Record<string, string>) => post(test.app, "/auth/logout", { headers });
    test.clock.advance(11 * 60);
    const refused = { status: 401, body: { error: { data: { code: "UNAUTHORIZED" } } } };
    expect(await of(bearer(tokens))).toMatchObject(refused); // it has run out
    expect(await refreshStatus(tokens)).toBe(200); // the session goes on
    expect(await of({ authorization: "Bearer garbage" })).toMatchObject(refused);
    expect(await of({ authorization: "Bearer garbage", cookie: "refresh_token=garbage" })).toMatchObject(refused);
    expect(await post(test.app, "/auth/logout", { json: { refreshToken: "garbage" } })).toMatchObject(refused);
  });

  it("ends one session by the procedure, and all of them everywhere", async () => {
    const { first, second } = await twoSessions();
    const third = await registerUser(test.app, someEmail());
    expect((await mutate("logout", first)).status).toBe(200);
    expect([await meStatus(first), await meStatus(second)]).toEqual([401, 200]);

    const login = { email: second.user.email, password: "correct horse", mode: "bearer" };
    await post(test.app, "/auth/login", { json: login });
    const everywhere = await mutate("logoutEverywhere", second);
    expect(everywhere.body).toEqual({ result: { data: { sessionsEnded: 2 } } });
    expect([await meStatus(second), await refreshStatus(second), await meStatus(third)]).toEqual([401, 401, 200]);

    const again = tokensOf(await post(test.app, "/auth/login", { json: login }));
    expect(await meStatus(again)).toBe(200);
  });

  it("lists the user's own sessions, ends one of them, and knows no other", async () => {
    const { first, second } = await twoSessions();
    const stranger = await registerUser(test.app, someEmail());
    const list = async (tokens: Tokens) => {
      const response = await test.app.request("/trpc/sessions.list", { headers: bearer(tokens) });
      const { result } = Object(await response.json());
      return result.data.items as { id: string; current: boolean; address: string }[]; // the procedure's answer
    };
    const sessions = await list(second);
    expect(sessions.filter(({ current }) => current)).toHaveLength(1);
    expect(sessions).toHaveLength(2);
    expect(sessions[0]?.address).toBe("192.0.2.1");

    const sessionId = sessions.find(({ current }) => !current)?.id;
    expect((await mutate("sessions.revoke", stranger, { sessionId })).status).toBe(404);
    expect((await mutate("sessions.revoke", second, { sessionId })).status).toBe(200);
    expect((await mutate("sessions.revoke", second, { sessionId })).status).toBe(404);
    expect([await meStatus(first), await meStatus(second)]).toEqual([401, 200]);
    expect(await list(second)).toHaveLength(1);
  });

  it("tells services whether the session of a token stands", async () => {
    const { first, second } = await twoSessions();
    await mutate("logout", first);
    expect([await standsAt(test, first), await standsAt(test, second)]).toEqual([false, true]);
    expect(await standsAt(test, second, { sessionId: crypto.randomUUID() })).toBe(false);
  });

  it("verifies a token for whoever holds it, until its session ends", async () => {
    const tokens = await registerUser(test.app, someEmail());
    const token = tokens.accessToken;
    const good = { valid: true, user: tokens.user, expiresAt: expect.any(Number) };
    expect(await verify({ token })).toEqual(good);
    expect(await verify({ token, audience: "orders" })).toEqual(good);
    expect(await verify({ token, audience: "inventory" })).toEqual({ valid: false });
    await mutate("logout", tokens);
    expect(await verify({ token })).toEqual({ valid: false });
  });

  it("verifies nothing that it did not sign, and no refresh token", async () => {
    const forger = await createTestIssuer({ now: test.clock.now });
    const { refreshToken, accessToken } = await registerUser(test.app, someEmail());
    const unsigned = `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString("base64url")}.${accessToken.split(".")[1]}.`;
    const forged = await forger.userToken({ issuer: "http://localhost:4000", roles: ["admin"] });
    for (const token of ["garbage", "a.b.c", refreshToken, unsigned, forged, `${accessToken}x`]) {
      expect(await verify({ token })).toEqual({ valid: false });
    }
  });
});
