import { describeDatabases } from "@countersign/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { migrations, openTestAuth, publicUrl, someEmail, type TestAuth } from "../../test/open-test-auth.ts";
import { claimsOf, post, tokensOf } from "../../test/requests.ts";

/** What a browser says of a person's own navigation: by the address bar, or by a redirect of the site's own server. */
const navigation = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "sec-fetch-site": "none" };
const crossSite = { ...navigation, "sec-fetch-site": "cross-site" };

describeDatabases("continuing", { migrations }, (open) => {
  let test: TestAuth;
  beforeAll(async () => {
    test = await openTestAuth(await open());
  });

  async function visit(query: string, headers: Record<string, string>, method = "GET") {
    const request = new Request(`${publicUrl}/auth/continue${query}`, { method, headers });
    const answer = await test.app.request(request, {}, { address: "192.0.2.1" });
    const cookies = Object.fromEntries(
      answer.headers.getSetCookie().map((cookie) => {
        const [pair = ""] = cookie.split(";");
        return [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)];
      }),
    );
    return {
      status: answer.status,
      location: answer.headers.get("location"),
      cache: answer.headers.get("cache-control"),
      cookies,
      text: await answer.text(),
    };
  }

  let visitors = 0;
  const begin = async () => {
    visitors += 1; // no address registers all of them
    const json = { email: someEmail(), password: "correct horse", mode: "bearer" };
    const { refreshToken } = tokensOf(
      await post(test.app, "/auth/register", { json, address: `198.51.100.${visitors}` }),
    );
    return { refreshToken, cookie: `refresh_token=${refreshToken}` };
  };
  const isStillNewest = async (refreshToken: string) => {
    const answer = await post(test.app, "/auth/refresh", { json: { refreshToken, mode: "bearer" } });
    return test.auth.deps.refreshTokens.read(tokensOf(answer).refreshToken)?.generation === 1;
  };

  it("renews the session, sets the new pair, and sends the browser back", async () => {
    const { cookie, refreshToken } = await begin();
    const answer = await visit("?to=%2Forders%3Fpage%3D2", { ...navigation, cookie });
    expect(answer).toMatchObject({ status: 303, location: "/orders?page=2", cache: "no-store", text: "" });
    expect(Object.keys(answer.cookies)).toEqual(["auth_token", "refresh_token", "session_hint", "continued"]);
    expect(answer.cookies["refresh_token"]).not.toBe(refreshToken);
    expect(claimsOf(answer.cookies["auth_token"] ?? "")["sub"]).toBeTypeOf("string");
    const headers = { authorization: `Bearer ${answer.cookies["auth_token"]}` };
    expect((await test.app.request("/trpc/me", { headers })).status).toBe(200);
  });

  it("does so for browsers that do not say what they are about, and goes to / unless told", async () => {
    const { cookie } = await begin();
    expect(await visit("", { cookie })).toMatchObject({ status: 303, location: "/" });
  });

  it("gives the same pair's successor to two tabs at once", async () => {
    const { cookie } = await begin();
    const both = await Promise.all([
      visit("?to=/a", { ...navigation, cookie }),
      visit("?to=/b", { ...navigation, cookie }),
    ]);
    expect(both.map(({ location }) => location)).toEqual(["/a", "/b"]);
    expect(both[0]?.cookies["refresh_token"]).toBe(both[1]?.cookies["refresh_token"]);
  });

  it.each([
    ["a refresh token that is over", { cookie: "refresh_token=garbage" }],
    ["no refresh token at all", {}],
  ])("takes the cookies away for %s, and sends the browser back all the same", async (_name, headers) => {
    const answer = await visit("?to=/orders", { ...navigation, ...headers });
    expect(answer).toMatchObject({ status: 303, location: "/orders", cache: "no-store" });
    expect(answer.cookies).toEqual({ auth_token: "", refresh_token: "", session_hint: "", continued: "1" });
  });

  describe("is no way to", () => {
    it.each(["//evil.example", "https://evil.example", "/\\evil.example", "/%09/evil.example", "/auth/continue", "x"])(
      "%s",
      async (to) => {
        const { cookie, refreshToken } = await begin();
        const answer = await visit(`?to=${encodeURIComponent(to)}`, { ...navigation, cookie });
        expect(answer).toMatchObject({ status: 400, location: null, cookies: {}, cache: "no-store" });
        expect(await isStillNewest(refreshToken)).toBe(true);
      },
    );

    it("two places at once", async () => {
      expect(await visit("?to=/a&to=//evil.example", navigation)).toMatchObject({ status: 400, location: null });
    });
  });

  it.each([
    ["an image of another page", { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" }, "GET"],
    ["a script", { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" }, "GET"],
    ["a frame", { "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" }, "GET"],
    ["a prefetch", { ...navigation, "sec-purpose": "prefetch" }, "GET"],
    ["a prerendered page", { ...navigation, "sec-purpose": "prefetch;prerender" }, "GET"],
    ["an older prefetch", { ...navigation, purpose: "prefetch" }, "GET"],
    ["a question for the headers", navigation, "HEAD"],
  ])("%s changes nothing", async (_name, headers, method) => {
    const { cookie, refreshToken } = await begin();
    const answer = await visit("?to=/", { ...headers, cookie }, method);
    expect(answer).toMatchObject({ status: 403, location: null, cookies: {} });
    expect(await isStillNewest(refreshToken)).toBe(true);
  });

  describe("after a link of another site, with which the Strict cookie does not come", () => {
    it("asks once more from a page of its own", async () => {
      const to = `/a?q="><script>'`.replaceAll(" ", "");
      const answer = await visit(`?to=${encodeURIComponent(to)}`, crossSite);
      expect(answer).toMatchObject({ status: 200, location: null, cookies: {}, cache: "no-store" });
      const [, url = ""] = /content="0;url=([^"]+)"/.exec(answer.text) ?? [];
      const next = new URL(url.replaceAll("&amp;", "&"), publicUrl);
      expect(next.searchParams.get("to")).toBe("/a?q=%22%3E%3Cscript%3E%27");
      expect(answer.text).not.toContain("<script");
      const { cookie } = await begin();
      const again = await visit(next.search, { ...navigation, "sec-fetch-site": "same-origin", cookie });
      expect(again).toMatchObject({ status: 303, location: "/a?q=%22%3E%3Cscript%3E%27" });
      expect(again.cookies["auth_token"]).not.toBe("");
    });

    it("does not ask twice, and signs nobody out", async () => {
      const answer = await visit("?again=1&to=/a", crossSite);
      expect(answer).toMatchObject({ status: 303, location: "/a", cookies: { continued: "1" } });
      expect(Object.keys(answer.cookies)).toEqual(["continued"]);
    });
  });
});
