import { describe, expect, it } from "vitest";
import { createTestGateway } from "../test/harness.ts";

const https = { publicOrigin: "https://shop.example.com" };

async function seenWith(path: string, headers: Record<string, string>, options = {}, method = "GET") {
  const gateway = createTestGateway({ newRequestId: () => "request-1", ...options });
  const response = await gateway.request(path, { method, headers });
  const [seen] = gateway.seen;
  return {
    status: response.status,
    reached: seen !== undefined,
    authorization: seen?.headers.get("authorization") ?? null,
    cookie: seen?.headers.get("cookie") ?? null,
    cookies: response.headers.getSetCookie(),
    cacheControl: response.headers.get("cache-control"),
    challenge: response.headers.get("www-authenticate"),
    body: await response.text(),
  };
}

function published(): Response {
  return Response.json({ keys: [] }, { headers: { "cache-control": "public, max-age=300" } });
}

describe("the access cookie", () => {
  it("becomes Bearer on tRPC calls, and no cookie travels on", async () => {
    const seen = await seenWith("/trpc/orders/list", { cookie: "theme=dark; auth_token=abc.def.ghi; refresh_token=r" });
    expect(seen).toMatchObject({ status: 200, authorization: "Bearer abc.def.ghi", cookie: null });
    expect(seen.cacheControl).toBe("no-store");
  });

  it("becomes Bearer on auth's REST face, where the refresh cookie alone travels on", async () => {
    const cookie = "theme=dark; refresh_token=s.1.mac; auth_token=abc; other=1";
    expect(await seenWith("/auth/logout", { cookie }, {}, "POST")).toMatchObject({
      authorization: "Bearer abc",
      cookie: "refresh_token=s.1.mac",
    });
  });

  it("is not looked at on auth's pages, such as on the way to a provider, also where two contradict each other", async () => {
    const cookie = "auth_token=abc; auth_token=def; sign_in=secret; known_device=d.1.2.m; sign_in=no token";
    expect(await seenWith("/auth/github/callback?code=1", { cookie })).toMatchObject({
      status: 200,
      authorization: null,
      cookie: "known_device=d.1.2.m; sign_in=secret",
    });
    expect(await seenWith("/trpc/auth/me", { cookie: "sign_in=secret" })).toMatchObject({ cookie: null });
  });

  it("is the one with the __Host- prefix over https, and the plain name is then nobody's", async () => {
    const cookie = "auth_token=planted; __Host-auth_token=real; refresh_token=planted; __Secure-refresh_token=s.1.m";
    expect(await seenWith("/trpc/orders/list", { cookie }, https)).toMatchObject({ authorization: "Bearer real" });
    expect(await seenWith("/auth/github", { cookie }, https)).toMatchObject({ cookie: "__Secure-refresh_token=s.1.m" });
    expect(await seenWith("/trpc/orders/list", { cookie: "auth_token=planted" }, https)).toMatchObject({
      authorization: null,
    });
  });

  it("becomes Bearer for the web app, which gets auth's hints beside it and its own cookies", async () => {
    const web = { web: "http://127.0.0.1:4010" };
    const cookie = "theme=dark; auth_token=abc; refresh_token=r; session_hint=0a.1.2; continued=1; hint=x";
    expect(await seenWith("/orders", { cookie }, web)).toMatchObject({
      authorization: "Bearer abc",
      cookie: "session_hint=0a.1.2; continued=1; theme=dark; hint=x",
      cacheControl: "no-store",
    });
    const odd = "session_hint=<>; session_hint=0a.1.2; session_hint=0a.1.2; continued=<>; __Host-continued=1";
    expect(await seenWith("/orders", { cookie: odd }, web)).toMatchObject({
      status: 200,
      cookie: "session_hint=0a.1.2; __Host-continued=1",
    });
    const secure = "__host-session_hint=planted; __Host-session_hint=0a.1.2";
    expect(await seenWith("/orders", { cookie: secure }, { ...web, ...https })).toMatchObject({
      cookie: "__Host-session_hint=0a.1.2",
    });
    expect(await seenWith("/page.css", { cookie }, web)).toMatchObject({
      authorization: null,
      cookie: "theme=dark; hint=x",
    });
    expect(await seenWith("/trpc/orders/list", { cookie }, web)).toMatchObject({ cookie: null });
  });

  it("reaches neither the OAuth endpoints nor the published documents, whose answers stay cacheable", async () => {
    const headers = { cookie: "auth_token=abc; refresh_token=r" };
    expect(await seenWith("/oauth/introspect", headers)).toMatchObject({ authorization: null, cookie: null });
    const seen = await seenWith(
      "/.well-known/jwks.json",
      { ...headers, authorization: "Bearer abc" },
      { answer: published },
    );
    expect(seen).toMatchObject({ authorization: null, cookie: null, cacheControl: "public, max-age=300" });
  });

  it("may stand beside the same token in the Authorization header", async () => {
    const headers = { cookie: "auth_token=abc", authorization: "Bearer abc" };
    expect(await seenWith("/trpc/orders/list", headers)).toMatchObject({ status: 200, authorization: "Bearer abc" });
  });
});

describe("no credential", () => {
  it("means anonymous", async () => {
    const seen = await seenWith("/trpc/products/list", { cookie: "theme=dark; xauth_token=1; auth_token2=2" });
    expect(seen).toMatchObject({ status: 200, authorization: null, cookie: null });
  });
});

describe("the Authorization header", () => {
  it("goes on as it is, the scheme in its usual spelling", async () => {
    expect(await seenWith("/trpc/orders/list", { authorization: "bearer abc" })).toMatchObject({
      authorization: "Bearer abc",
    });
  });

  it("may be Basic on the OAuth endpoints only: clients authenticate by it", async () => {
    const headers = { authorization: "Basic b3JkZXJzOnNlY3JldA==" };
    expect(await seenWith("/oauth/token", headers)).toMatchObject({ status: 200, ...headers });
    expect(await seenWith("/auth/login", headers)).toMatchObject({ status: 401, reached: false });
  });
});

describe("a cookie that is no token counts as none, and is removed by the answer", () => {
  const own = "auth_token=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax";
  const elsewhere = ["/trpc", "/trpc/", "/trpc/orders", "/trpc/orders/", "/trpc/orders/list"].map((path) =>
    own.replace("Path=/", `Path=${path}`),
  );

  it.each([
    ["a token with a comma", "auth_token=abc,def"],
    ["a token with a space", "auth_token=abc def"],
    ["a quoted token", 'auth_token="abc"'],
    ["an empty token", "auth_token="],
    ["a token of 4,097 bytes", `auth_token=${"a".repeat(4_097)}`],
    ["other letters", "auth_token=\u00e9\u00ff"],
    ["two of them", 'auth_token=; auth_token="abc"'],
  ])("%s", async (_what, cookie) => {
    const seen = await seenWith("/trpc/orders/list", { cookie });
    expect(seen).toMatchObject({ status: 200, reached: true, authorization: null, cacheControl: "no-store" });
    expect(seen.cookies).toEqual([own, ...elsewhere]);
  });

  it.each([
    ["before", 'auth_token=""; auth_token=abc'],
    ["behind", "auth_token=abc; auth_token=a,b"],
    ["equal to", "auth_token=abc; auth_token=abc"],
    ["behind a comma, in a second header,", 'theme=dark, auth_token=abc, auth_token="x"'],
  ])("%s one that is: that one counts, and stays", async (_where, cookie) => {
    const seen = await seenWith("/trpc/orders/list", { cookie });
    expect(seen).toMatchObject({ status: 200, authorization: "Bearer abc", cookies: elsewhere });
  });

  it("beside a Bearer: the Bearer counts", async () => {
    const headers = { cookie: "auth_token=", authorization: "Bearer abc" };
    expect(await seenWith("/trpc/orders/list", headers)).toMatchObject({ status: 200, authorization: "Bearer abc" });
  });

  it("for the refresh cookie: what may be a token goes to auth, which can tell", async () => {
    const cookie = 'refresh_token=""; refresh_token=a.1.m; refresh_token=b.1.m; refresh_token=a.1.m';
    const seen = await seenWith("/auth/github", { cookie });
    expect(seen).toMatchObject({ status: 200, cookie: "refresh_token=a.1.m; refresh_token=b.1.m" });
    expect(seen.cookies).not.toContainEqual(expect.stringContaining("Path=/auth;"));
    expect(seen.cookies).toContainEqual(expect.stringContaining("Path=/;"));
  });

  it("is not looked for where no credential goes: nothing is removed, and caches may keep the answer", async () => {
    const seen = await seenWith("/.well-known/jwks.json", { cookie: "auth_token=" }, { answer: published });
    expect(seen).toMatchObject({ cookies: [], cacheControl: "public, max-age=300" });
  });
});

describe("an ambiguous or malformed credential is refused, never taken for none", () => {
  it.each<[string, Record<string, string>]>([
    ["two access cookies", { cookie: "auth_token=abc; auth_token=def" }],
    ["two cookies without a space", { cookie: "auth_token=abc;auth_token=def" }],
    ["a second cookie spelled with spaces", { cookie: "auth_token=abc; auth_token =def" }],
    ["a second cookie behind a comma", { cookie: "auth_token=abc, auth_token=def" }],
    ["a cookie and a header that disagree", { cookie: "auth_token=abc", authorization: "Bearer def" }],
    ["two Authorization headers joined by a comma", { authorization: "Bearer abc, Bearer def" }],
    ["two equal Authorization headers", { authorization: "Bearer abc, Bearer abc" }],
    ["another scheme", { authorization: "Digest username=alice" }],
    ["Basic", { authorization: "Basic YWxpY2U6c2VjcmV0" }],
    ["no scheme", { authorization: "abc" }],
    ["a scheme without a token", { authorization: "Bearer" }],
    ["an empty header", { authorization: "" }],
    ["two spaces", { authorization: "Bearer  abc" }],
    ["a tab", { authorization: "Bearer\tabc" }],
    ["another scheme hiding behind a cookie", { cookie: "auth_token=abc", authorization: "Negotiate abc" }],
  ])("%s", async (_what, headers) => {
    const seen = await seenWith("/trpc/orders/list", headers);
    expect(seen).toMatchObject({
      status: 401,
      reached: false,
      cacheControl: "no-store",
      challenge: expect.stringMatching(/^Bearer error="invalid_token", resource_metadata="[^"]+"$/),
    });
    expect(JSON.parse(seen.body)).toMatchObject({
      error: { code: -32_001, data: { code: "UNAUTHORIZED", httpStatus: 401 } },
    });
    expect(seen.body.replace(/[\da-f-]{36}/, "the request's id")).not.toMatch(/abc|def/);
  });

  it("keeps nobody from signing in, renewing or a page, and two access cookies go with the answer", async () => {
    const cookie = "auth_token=abc; auth_token=def";
    const web = { web: "http://127.0.0.1:4010" };
    for (const path of [
      "/auth/login",
      "/auth/register",
      "/auth/refresh",
      "/trpc/auth/login",
      "/auth/continue",
      "/in",
    ]) {
      const seen = await seenWith(path, { cookie }, web);
      expect(seen).toMatchObject({ status: 200, authorization: null });
      expect(seen.cookies).toContainEqual(expect.stringMatching(/^auth_token=; Max-Age=0; Path=\/;/));
    }
    expect((await seenWith("/trpc/orders/list", { cookie })).cookies).toContainEqual(
      expect.stringMatching(/^auth_token=; Max-Age=0; Path=\/;/),
    );
  });

  it("in the shape of RFC 6749 §5.2 on the OAuth endpoints", async () => {
    const seen = await seenWith("/oauth/token", { authorization: "Basic abc, Basic def" });
    expect(seen).toMatchObject({ status: 401, reached: false, challenge: expect.stringMatching(/^Basic /) });
    expect(JSON.parse(seen.body)).toEqual({ error: "invalid_client", error_description: expect.any(String) });
  });
});
