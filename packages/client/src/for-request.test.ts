import { describe, expect, it } from "vitest";

import { createPlatform, type Routers } from "../test/platform.ts";
import { continueUrl } from "./continue-url.ts";
import { forRequest } from "./for-request.ts";

const url = "http://gateway.test";
const hint = `${"a".repeat(16)}.3.1800000000`;
const navigation = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };

function page(headers: Record<string, string>, path = "/orders?page=2", method = "GET"): Request {
  return new Request(`http://localhost:3000${path}`, { method, headers });
}

const ofTheCall = ["accept", "content-type", "trpc-accept"];

/** What arrives at the gateway when a page of this request asks for something. */
async function arriving(headers: Record<string, string>, clientAddress?: string): Promise<Record<string, string>> {
  const platform = createPlatform();
  const options = { url, fetch: platform.fetch, ...(clientAddress !== undefined && { clientAddress }) };
  await forRequest<Routers>(page(headers), options).products.list.query({ limit: 1 });
  const arrived = [...(platform.requests[0]?.headers ?? [])];
  return Object.fromEntries(arrived.filter(([name]) => !ofTheCall.includes(name)));
}

describe("a client for a request", () => {
  it("passes on the access cookie, and no other", async () => {
    const cookie = `theme=dark; auth_token=a.b.c; refresh_token=r; session_hint=${hint}; xauth_token=1; auth_token2=2`;
    expect(await arriving({ cookie })).toEqual({ cookie: "auth_token=a.b.c" });
  });

  it("prefers the name that only auth can have set, and lets the gateway judge two of one name", async () => {
    const planted = "auth_token=planted; __Host-auth_token=a.b.c; __Secure-refresh_token=r";
    expect(await arriving({ cookie: planted })).toEqual({ cookie: "__Host-auth_token=a.b.c" });
    expect(await arriving({ cookie: "auth_token=a; auth_token=b" })).toEqual({ cookie: "auth_token=a; auth_token=b" });
  });

  it("passes on what the gateway judges a request by, and what it is followed by", async () => {
    const kept = {
      origin: "https://evil.example",
      "sec-fetch-site": "cross-site",
      "user-agent": "Browser/1",
      "accept-language": "de",
      "x-request-id": "r-1",
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    };
    const dropped = {
      host: "shop.test",
      "x-forwarded-for": "203.0.113.9",
      "x-user-id": "admin",
      "x-real-ip": "203.0.113.9",
      forwarded: "for=203.0.113.9",
      "proxy-authorization": "Basic eA==",
      "if-none-match": '"1"',
      range: "bytes=0-1",
    };
    expect(await arriving({ ...kept, ...dropped })).toEqual(kept);
  });

  it("says only the address that the server vouches for", async () => {
    const forged = { "x-forwarded-for": "203.0.113.9" };
    expect(await arriving(forged, "198.51.100.7")).toEqual({ "x-forwarded-for": "198.51.100.7" });
  });

  it("passes on a Bearer token where no cookie is, and never another scheme", async () => {
    expect(await arriving({ authorization: "Bearer a.b.c" })).toEqual({ authorization: "Bearer a.b.c" });
    expect(await arriving({ authorization: "Basic c3RhZ2luZzpzZWNyZXQ=" })).toEqual({});
    const both = { authorization: "Bearer of-somebody-else", cookie: "auth_token=a" };
    expect(await arriving(both)).toEqual({ cookie: "auth_token=a" });
  });

  it("batches, names paths in full, and renews nothing", async () => {
    const platform = createPlatform();
    const client = forRequest<Routers>(page({ cookie: "auth_token=old" }), { url, fetch: platform.fetch });
    const refused = await Promise.allSettled([client.orders.mine.query(), client.orders.admin.all.query()]);
    expect(refused).toMatchObject([
      { reason: { data: { code: "UNAUTHORIZED", path: "orders.mine" } } },
      { reason: { data: { path: "orders.admin.all" } } },
    ]);
    expect(platform.seen).toEqual(["GET /trpc/orders/mine,admin.all"]);
  });
});

describe("the way over /auth/continue", () => {
  const there = "/auth/continue?to=%2Forders%3Fpage%3D2";
  const gone = { cookie: `theme=dark; session_hint=${hint}` };
  const ended = { cookie: `auth_token=old; session_hint=${hint}` };

  async function refusal(): Promise<unknown> {
    const { fetch } = createPlatform();
    return forRequest<Routers>(page(ended), { url, fetch })
      .orders.mine.query()
      .catch((error: unknown) => error);
  }

  it("is taken when the access token has gone and the session has not", () => {
    expect(continueUrl(page({ ...navigation, ...gone }))).toBe(there);
    expect(continueUrl(page(gone))).toBe(there);
    expect(continueUrl(page({ cookie: `__Host-session_hint=${hint}` }))).toBe(there);
  });

  it("is taken when a service says that the token is good no longer", async () => {
    const error = await refusal();
    expect(continueUrl(page(ended), error)).toBe(there);
    expect(continueUrl(page({ cookie: "auth_token=old" }), error)).toBe(there);
  });

  it.each([
    ["a visitor without a session", {}],
    ["a visitor with other cookies", { cookie: "theme=dark; session_hint=garbage" }],
    ["a token that is there", ended],
    ["a token that a gateway made of the cookie", { ...gone, authorization: "Bearer a.b.c" }],
    ["who has just been there", { cookie: `${gone.cookie}; continued=1` }],
    ["who has just been there, over https", { cookie: `${gone.cookie}; __Host-continued=1` }],
    ["a script", { ...gone, "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" }],
    ["a frame", { ...gone, "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" }],
  ])("is not taken by %s", (_name, headers) => {
    expect(continueUrl(page(headers))).toBeNull();
  });

  it("is not taken for another refusal, nor twice for the same", async () => {
    const error = await refusal();
    expect(continueUrl(page(ended), new Error("fetch failed"))).toBeNull();
    expect(continueUrl(page({ cookie: `${ended.cookie}; continued=1` }), error)).toBeNull();
    expect(continueUrl(page({}), error)).toBeNull();
    expect(continueUrl(page(ended, "/orders", "POST"), error)).toBeNull();
  });

  it.each(["/auth/continue", "/auth", "//evil.example", "/a%5Cb", "/a%0d", "/a%2500"])(
    "is not taken from %s, where auth would send nobody back",
    (path) => {
      expect(continueUrl(page(gone, path))).toBeNull();
    },
  );
});
