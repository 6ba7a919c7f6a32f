import { describeDatabases } from "@countersign/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { migrations, openTestAuth, publicUrl, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { post, registerUser, tokensOf } from "../../test/requests.ts";

const foreign = [
  ["garbage", "garbage"],
  ["an empty value", ""],
  ["quotes", '"x"'],
  ["a JWT", "eyJhbGciOiJIUzI1NiJ9.e30.x"],
  ["4,097 bytes", "a".repeat(4_097)],
  ["other letters", "\u00e9"],
  ["a token with another MAC", `${crypto.randomUUID()}.0.${"A".repeat(43)}`],
] as const;

describeDatabases("cookies that others left under the name of the refresh cookie", { migrations }, (open) => {
  let test: TestAuth;
  beforeAll(async () => {
    test = await openTestAuth(await open());
  });

  const begin = () => registerUser(test.app, someEmail());
  const send = (name: string, values: readonly string[]) =>
    post(test.app, `/auth/${name}`, { headers: { cookie: values.map((one) => `refresh_token=${one}`).join("; ") } });
  const refreshed = async (refreshToken: string) =>
    (await post(test.app, "/auth/refresh", { json: { refreshToken, mode: "bearer" } })).status;
  const own = /^refresh_token=[^;]+; Max-Age=\d+; Path=\/auth; HttpOnly/;
  const elsewhere = ["/", "/auth/", "/auth/refresh"].map(
    (path) => `refresh_token=; Max-Age=0; Path=${path}; HttpOnly; SameSite=Lax`,
  );

  it.each(foreign)("%s beside ours, before or behind it: the session is renewed, and they go", async (_what, value) => {
    for (const order of [0, 1]) {
      const { refreshToken } = await begin();
      const values = order === 0 ? [value, refreshToken] : [refreshToken, value];
      const answer = await send("refresh", values);
      expect(answer.status).toBe(200);
      expect(answer.cookies).toEqual([
        ...elsewhere,
        expect.any(String),
        expect.stringMatching(own),
        expect.any(String),
      ]);
    }
  });

  it.each(foreign)("%s beside ours: signing out ends our session", async (_what, value) => {
    const { refreshToken } = await begin();
    expect(await send("logout", [value, refreshToken])).toMatchObject({ status: 200, body: { ok: true } });
    expect(await refreshed(refreshToken)).toBe(401);
  });

  const removed = [
    "auth_token=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax",
    "refresh_token=; Max-Age=0; Path=/auth; HttpOnly; SameSite=Strict",
    "session_hint=; Max-Age=0; Path=/; SameSite=Lax",
  ];

  it.each(foreign)("%s alone: nothing is renewed, and it goes", async (_what, value) => {
    for (const values of [[value], [value, `${value}2`]]) {
      const { status, cookies } = await send("refresh", values);
      expect({ status, cookies }).toEqual({
        status: 401,
        cookies: [...(values.length > 1 ? elsewhere : []), ...removed],
      });
    }
  });

  it.each(foreign)("%s alone: signing out answers as without a cookie, and it goes", async (_what, value) => {
    for (const values of [[value], [value, `${value}2`]]) {
      const { status, body, cookies } = await send("logout", values);
      const namesakes = elsewhere.map((cookie) => cookie.replace("/auth/refresh", "/auth/logout"));
      const gone = [...(values.length > 1 ? namesakes : []), ...removed];
      expect({ status, body, cookies }).toEqual({ status: 200, body: { ok: true }, cookies: gone });
    }
  });

  it.each(foreign)("%s beside ours, on the way over /auth/continue: the session is renewed", async (_what, value) => {
    const { refreshToken } = await begin();
    const headers = {
      cookie: `refresh_token=${value}; refresh_token=${refreshToken}`,
      "sec-fetch-site": "cross-site",
      "sec-fetch-dest": "document",
    };
    const answer = await test.app.request(`${publicUrl}/auth/continue?to=/`, { headers }, { address: "192.0.2.1" });
    expect(answer.status).toBe(303);
    expect(answer.headers.getSetCookie()).toContainEqual(expect.stringMatching(own));
  });

  it("alone after a link of another site: the page asks again, with ours, and nobody is signed out", async () => {
    const headers = { cookie: "refresh_token=x", "sec-fetch-site": "cross-site", "sec-fetch-dest": "document" };
    const ask = async (query: string) => {
      const url = `${publicUrl}/auth/continue?to=/${query}`;
      const answer = await test.app.request(url, { headers }, { address: "192.0.2.1" });
      return [answer.status, answer.headers.getSetCookie().some((cookie) => cookie.includes("Path=/auth;"))];
    };
    expect([await ask(""), await ask("&again=1")]).toEqual([
      [200, false],
      [303, false],
    ]);
  });

  describe("and of our own, under that name twice:", () => {
    it("the same token counts once", async () => {
      const { refreshToken } = await begin();
      expect((await send("refresh", [refreshToken, refreshToken])).status).toBe(200);
    });

    it("an older one of the session is no reuse beside the newest", async () => {
      const { refreshToken: first } = await begin();
      const renew = async (refreshToken: string) =>
        tokensOf(await post(test.app, "/auth/refresh", { json: { refreshToken, mode: "bearer" } })).refreshToken;
      const newest = await renew(await renew(first));
      test.clock.advance(60);
      expect((await send("refresh", [first, newest])).status).toBe(200);
    });

    it("one of a session that has ended does not count beside one that runs", async () => {
      const [ended, running] = [await begin(), await begin()];
      await post(test.app, "/auth/logout", { json: { refreshToken: ended.refreshToken } });
      expect((await send("refresh", [ended.refreshToken, running.refreshToken])).status).toBe(200);
    });

    it("two sessions that run are refused, both go on, and signing in works", async () => {
      const [one, other] = [await begin(), await begin()];
      const answer = await send("refresh", [one.refreshToken, other.refreshToken]);
      expect(answer.status).toBe(401);
      expect(answer.cookies).toEqual(
        expect.arrayContaining([...elsewhere, "refresh_token=; Max-Age=0; Path=/auth; HttpOnly; SameSite=Strict"]),
      );
      expect([await refreshed(one.refreshToken), await refreshed(other.refreshToken)]).toEqual([200, 200]);
      const cookie = `refresh_token=${one.refreshToken}; refresh_token=${other.refreshToken}`;
      const json = { email: other.user.email, password: "correct horse" };
      expect((await post(test.app, "/auth/login", { headers: { cookie }, json })).status).toBe(200);
    });

    it("signing out ends both", async () => {
      const [one, other] = [await begin(), await begin()];
      expect((await send("logout", [one.refreshToken, other.refreshToken])).status).toBe(200);
      expect([await refreshed(one.refreshToken), await refreshed(other.refreshToken)]).toEqual([401, 401]);
    });
  });

  it("over https, beside one that a sibling subdomain planted: ours counts, and theirs goes from each domain", async () => {
    const secure = await openTestAuth(await open(), { issuer: "https://shop.example.com" });
    const { refreshToken } = await registerUser(secure.app, someEmail());
    const cookie = `__Secure-refresh_token=planted; __Secure-refresh_token=${refreshToken}; refresh_token=plain`;
    const answer = await post(secure.app, "/auth/refresh", { headers: { cookie } });
    expect(answer.status).toBe(200);
    expect(answer.cookies).toContain(
      "__Secure-refresh_token=; Max-Age=0; Domain=example.com; Path=/auth; HttpOnly; Secure; SameSite=Lax",
    );
  });
});
