import { describe, expect, it } from "vitest";
import { createTestGateway } from "../test/harness.ts";

async function statusOf(path: string, headers: Record<string, string>, init: RequestInit = {}) {
  const gateway = createTestGateway({ allowedOrigins: ["https://admin.example.com"] });
  const response = await gateway.request(path, { method: "POST", body: "{}", ...init, headers });
  return { status: response.status, reached: gateway.seen.length === 1, body: await response.text() };
}

const cookie = "auth_token=abc";

describe("another site", () => {
  it("may post a provider's answer to its callback, with nothing that proves anything", async () => {
    const gateway = createTestGateway();
    const headers = { cookie: "auth_token=abc; refresh_token=a.1.m; sign_in=s", origin: "https://appleid.apple.com" };
    const form = { method: "POST", headers: { ...headers, "sec-fetch-site": "cross-site" }, body: "code=1&state=2" };
    expect((await gateway.request("/auth/apple/callback", form)).status).toBe(200);
    const [seen] = gateway.seen;
    expect([seen?.headers.get("cookie"), seen?.headers.get("authorization")]).toEqual([null, null]);
    expect((await gateway.request("/auth/apple", form)).status).toBe(403);
    expect((await gateway.request("/auth/apple/callback/x", form)).status).toBe(403);
  });

  it.each<[string, string, Record<string, string>]>([
    ["a form with the visitor's cookie", "/trpc/auth/logout", { cookie, "sec-fetch-site": "cross-site" }],
    ["a sibling subdomain", "/trpc/auth/logout", { cookie, "sec-fetch-site": "same-site" }],
    ["a foreign origin without fetch metadata", "/trpc/auth/logout", { cookie, origin: "https://evil.example" }],
    ["an opaque origin", "/trpc/auth/logout", { cookie, origin: "null" }],
    ["the public host on another port", "/trpc/auth/logout", { cookie, origin: "http://localhost:4001" }],
    ["the public host on another scheme", "/trpc/auth/logout", { cookie, origin: "https://localhost:4000" }],
    ["an origin that begins like the public one", "/trpc/auth/logout", { cookie, origin: "http://localhost:40000" }],
    ["two origins", "/trpc/auth/logout", { cookie, origin: "http://localhost:4000, https://evil.example" }],
    [
      "fetch metadata that contradict the origin",
      "/trpc/auth/logout",
      { cookie, origin: "http://localhost:4000", "sec-fetch-site": "cross-site" },
    ],
    ["two fetch sites", "/trpc/auth/logout", { cookie, "sec-fetch-site": "same-origin, cross-site" }],
    ["sign-in, without any cookie", "/auth/login", { origin: "https://evil.example" }],
    ["sign-in through tRPC", "/trpc/auth/login", { "sec-fetch-site": "cross-site" }],
    ["registration", "/auth/register", { origin: "https://evil.example", "content-type": "text/plain" }],
    ["refresh", "/auth/refresh", { cookie: "refresh_token=s.1.m", "sec-fetch-site": "cross-site" }],
    [
      "a cookie beside a header of its own",
      "/trpc/auth/logout",
      { cookie, authorization: "Bearer abc", origin: "https://evil.example" },
    ],
    [
      "an allowed origin by another name",
      "/trpc/auth/logout",
      { cookie, origin: "https://admin.example.com.evil.example" },
    ],
  ])("may not cause %s", async (_what, path, headers) => {
    const { status, reached, body } = await statusOf(path, headers);
    expect([status, reached]).toEqual([403, false]);
    expect(JSON.parse(body)).toMatchObject({ error: { data: { code: "FORBIDDEN" } } });
  });

  it.each(["multipart/form-data; boundary=x", "application/octet-stream", "text/plain"])(
    "may not with a body of type %s",
    async (type) => {
      const headers = { cookie, origin: "https://evil.example", "content-type": type };
      expect(await statusOf("/trpc/auth/logout", headers)).toMatchObject({ status: 403, reached: false });
    },
  );
});

describe("passes", () => {
  it.each<[string, Record<string, string>]>([
    ["the site's own page", { cookie, origin: "http://localhost:4000", "sec-fetch-site": "same-origin" }],
    ["an older browser's own page", { cookie, origin: "http://localhost:4000" }],
    ["a client that is no browser", { cookie }],
    ["a request that the user typed", { cookie, "sec-fetch-site": "none" }],
    ["an allowed origin", { cookie, origin: "https://admin.example.com", "sec-fetch-site": "cross-site" }],
    [
      "another site with a token of its own",
      { authorization: "Bearer abc", origin: "https://evil.example", "sec-fetch-site": "cross-site" },
    ],
  ])("%s", async (_what, headers) => {
    expect(await statusOf("/trpc/orders/place", headers)).toMatchObject({ status: 200, reached: true });
  });

  it("a safe read, whoever caused it: no other page can see the answer", async () => {
    const headers = { cookie, "sec-fetch-site": "cross-site" };
    const gateway = createTestGateway();
    const response = await gateway.request("/trpc/orders/list", { headers });
    expect(response.status).toBe(200);
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
    expect(response.headers.get("cross-origin-resource-policy")).toBe("same-origin");
  });
});
