import type { OpenDatabase } from "@countersign/database";
import { describeDatabases } from "@countersign/testing";
import { beforeAll, expect, it } from "vitest";
import { migrations, openTestAuth, someEmail, type TestAuth } from "./open-test-auth.ts";
import { post, registerUser, tokensOf } from "./requests.ts";

describeDatabases("the grace of a refresh token as it was set", { migrations }, (open) => {
  let database: OpenDatabase;
  let test: TestAuth;
  beforeAll(async () => {
    database = await open();
    test = await openTestAuth(database, { sessionLife: { grace: 20_000, bearerGrace: 300_000 } });
  });

  const asBearer = async (refreshToken: string) =>
    (await post(test.app, "/auth/refresh", { json: { refreshToken, mode: "bearer" } })).status;
  const asCookie = async (cookie: string) => (await post(test.app, "/auth/refresh", { headers: { cookie } })).status;
  async function beginWithCookies(): Promise<string> {
    const json = { email: someEmail(), password: "correct horse" };
    const { cookies } = await post(test.app, "/auth/register", { json });
    return cookies.find((cookie) => cookie.startsWith("refresh_token="))?.split(";")[0] ?? "";
  }

  it("lets a phone ask again after a tunnel, and not after the bound", async () => {
    const begun = await registerUser(test.app, someEmail());
    await asBearer(begun.refreshToken); // this answer is lost
    test.clock.advance(300);
    const answer = await post(test.app, "/auth/refresh", {
      json: { refreshToken: begun.refreshToken, mode: "bearer" },
    });
    expect(tokensOf(answer).refreshToken).not.toBe(begun.refreshToken);
    test.clock.advance(1);
    expect(await asBearer(begun.refreshToken)).toBe(401);
    expect(await asBearer(tokensOf(answer).refreshToken)).toBe(401);
  });

  it("ends at once for the predecessor of a token that was used", async () => {
    const first = await registerUser(test.app, someEmail());
    const { refreshToken, mode } = { refreshToken: first.refreshToken, mode: "bearer" };
    const second = tokensOf(await post(test.app, "/auth/refresh", { json: { refreshToken, mode } }));
    expect(await asBearer(second.refreshToken)).toBe(200);
    expect(await asBearer(first.refreshToken)).toBe(401);
  });

  it("is the shorter one for a session in cookies, however its token is presented", async () => {
    for (const present of [asCookie, (cookie: string) => asBearer(cookie.slice("refresh_token=".length))]) {
      const cookie = await beginWithCookies();
      expect(await asCookie(cookie)).toBe(200);
      test.clock.advance(20);
      expect(await present(cookie)).toBe(200);
      test.clock.advance(1);
      expect(await present(cookie)).toBe(401);
    }
  });

  it("is that of the session also for one that began by signing in", async () => {
    const { user } = await registerUser(test.app, someEmail());
    const credentials = { email: user.email, password: "correct horse" };
    const held = tokensOf(await post(test.app, "/auth/login", { json: { ...credentials, mode: "bearer" } }));
    await asBearer(held.refreshToken);
    test.clock.advance(300);
    expect(await asBearer(held.refreshToken)).toBe(200);
  });
});
