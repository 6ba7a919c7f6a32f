import { describe, expect, it } from "vitest";
import { createTestGateway, type TestOptions } from "../test/harness.ts";

const web = { web: "http://web.test" };

/** What comes back of these Set-Cookie values from where a path leads. */
async function cookiesFrom(path: string, cookies: readonly string[], options: TestOptions = {}) {
  const headers = new Headers(cookies.map((cookie): [string, string] => ["set-cookie", cookie]));
  const gateway = createTestGateway({ ...web, answer: () => new Response("ok", { headers }), ...options });
  return (await gateway.request(path)).headers.getSetCookie();
}

const ofOurNames = [
  "auth_token=evil; Path=/",
  "refresh_token=evil; Path=/auth",
  "session_hint=1",
  "continued=1",
  "known_device=1",
  "auth_token=; Max-Age=0",
  "auth_token",
  " auth_token =evil",
  "Auth_Token=evil",
  "=auth_token=evil",
  "= =auth_token=evil",
];

describe("a cookie that an answer sets", () => {
  it.each(["/", "/app.js", "/trpc/products/list"])("under a name of ours is dropped, from %s", async (path) => {
    expect(await cookiesFrom(path, ofOurNames)).toEqual([]);
  });

  it("under any other name goes back as it is", async () => {
    const cookies = [
      "sid=auth_token; Path=/; HttpOnly",
      "auth_tokens=1",
      "xauth_token=2",
      "__Host-auth_token=3",
      "a=b=c",
    ];
    expect(await cookiesFrom("/", cookies)).toEqual(cookies);
  });

  it("under a prefixed name of ours is dropped over https, where the plain one is nobody's", async () => {
    const https = { publicOrigin: "https://shop.example.com" };
    const cookies = [
      "__Host-auth_token=evil; Secure; Path=/",
      "__secure-refresh_token=evil; Secure",
      "auth_token=theirs",
    ];
    expect(await cookiesFrom("/", cookies, https)).toEqual(["auth_token=theirs"]);
  });

  it("is auth's to set", async () => {
    expect(await cookiesFrom("/auth/login", ["auth_token=abc", "refresh_token=def"])).toHaveLength(2);
    expect(await cookiesFrom("/trpc/auth/me", ["auth_token=abc"])).toHaveLength(1);
  });
});

describe("an answer that clears the data of the site", () => {
  it.each([
    ['"cache", "cookies", "storage"', '"cache", "storage"'],
    ['"*"', null],
    ['"cookies"', null],
    ['"storage","executionContexts"', '"storage", "executionContexts"'],
  ])("leaves our cookies: %s", async (sent, kept) => {
    const answer = () => new Response("bye", { headers: { "clear-site-data": sent } });
    const { request } = createTestGateway({ ...web, answer });
    expect((await request("/goodbye")).headers.get("clear-site-data")).toBe(kept);
  });
});
