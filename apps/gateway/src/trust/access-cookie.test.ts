import { checkByKeys, type TokenCheck } from "@countersign/context";
import { createTestIssuer, type TestIssuer } from "@countersign/testing";
import { TokenError } from "@countersign/tokens";
import { beforeAll, describe, expect, it } from "vitest";
import { createTestGateway, type TestGateway } from "../../test/harness.ts";
import { createTrustingGateway, type Trusting } from "../../test/trusting.ts";
import { createCookieVerifier } from "./access-cookie.ts";

let gateway: Trusting;
let stranger: TestIssuer;
beforeAll(async () => {
  gateway = await createTrustingGateway({ web: "http://web.test" });
  stranger = await createTestIssuer();
});

const own = "auth_token=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax";
const cookieOf = (...tokens: readonly string[]) => tokens.map((token) => `auth_token=${token}`).join("; ");

/** What reached the service, and what the browser was told. */
async function ask(headers: Record<string, string>, path = "/trpc/products/list", of: TestGateway = gateway) {
  const before = of.seen.length;
  const { status, headers: said } = await of.request(path, { headers });
  const reached = of.seen[before];
  const bearer = reached?.headers.get("authorization") ?? null;
  return { status, reached: reached !== undefined, bearer, isRemoved: said.getSetCookie().includes(own) };
}

describe("an access cookie that is no token of ours", () => {
  const foreign: readonly [string, (ours: TestIssuer) => Promise<string>][] = [
    ["of another installation", () => stranger.userToken({ issuer: "https://other.example" })],
    ["of another installation under our origin", () => stranger.userToken()],
    ["of another installation, which has ended", () => stranger.userToken({ age: 700 })],
    ["of ours that has ended", (ours) => ours.userToken({ age: 700 })],
    ["of ours for other services", (ours) => ours.userToken({ audience: ["orders"] })],
    ["of ours for a service", (ours) => ours.serviceToken("orders", "auth")],
    ["of ours for another issuer's name", (ours) => ours.userToken({ issuer: "http://localhost:4001" })],
  ];

  it.each(foreign)("%s counts as none and is removed, on calls and pages", async (_what, make) => {
    const cookie = cookieOf(await make(gateway.issuer));
    const none = { status: 200, reached: true, bearer: null, isRemoved: true };
    for (const path of ["/trpc/products/list", "/account", "/auth/login", "/auth/logout", "/trpc/auth/login"]) {
      expect(await ask({ cookie }, path)).toEqual(none);
    }
  });

  it.each(foreign)("%s beside ours: ours counts, and stays", async (_what, make) => {
    const [token, other] = [await gateway.issuer.userToken(), await make(gateway.issuer)];
    for (const cookie of [cookieOf(token, other), cookieOf(other, token)]) {
      const ours = { status: 200, reached: true, bearer: `Bearer ${token}`, isRemoved: false };
      expect(await ask({ cookie })).toEqual(ours);
      expect(await ask({ cookie, authorization: `Bearer ${token}` })).toEqual(ours);
    }
  });

  it.each(foreign)("%s as a Bearer is refused, with and without a cookie of ours", async (_what, make) => {
    const authorization = `Bearer ${await make(gateway.issuer)}`;
    const cookie = cookieOf(await gateway.issuer.userToken());
    for (const headers of [{ authorization }, { authorization, cookie }]) {
      expect(await ask(headers)).toMatchObject({ status: 401, reached: false });
    }
  });

  it("keeps the cross-site check as strict as a token of ours", async () => {
    const headers = { cookie: cookieOf("x"), authorization: "Bearer abc", origin: "https://evil.example" };
    expect((await gateway.request("/trpc/orders/place", { method: "POST", headers })).status).toBe(403);
  });

  it("that is not valid yet, by auth's clock, counts as none and is kept", async () => {
    const cookie = cookieOf(await gateway.issuer.userToken({ age: -60 }));
    expect(await ask({ cookie })).toMatchObject({ status: 200, bearer: null, isRemoved: false });
  });
});

describe("access cookies of ours", () => {
  it("that were revoked are refused, so that the page renews its session", async () => {
    const sessionId = crypto.randomUUID();
    const cookie = cookieOf(await gateway.issuer.userToken({ sessionId }));
    const expiresAt = Math.floor(Date.now() / 1000) + 600;
    await gateway.issuer.feed.publish(gateway.bus, { kind: "session", id: sessionId, expiresAt });
    await expect.poll(() => ask({ cookie })).toMatchObject({ status: 401, reached: false, isRemoved: false });
    const fresh = await gateway.issuer.userToken();
    const both = `${cookie}; ${cookieOf(fresh)}`;
    expect(await ask({ cookie: both })).toMatchObject({ status: 200, bearer: `Bearer ${fresh}`, isRemoved: false });
  });

  it("of one session: the newest counts", async () => {
    const sessionId = crypto.randomUUID();
    const [old, fresh] = [
      await gateway.issuer.userToken({ sessionId, age: 300 }),
      await gateway.issuer.userToken({ sessionId, age: 3 }),
    ];
    for (const cookie of [cookieOf(old, fresh), cookieOf(fresh, old)]) {
      expect(await ask({ cookie })).toMatchObject({ status: 200, bearer: `Bearer ${fresh}`, isRemoved: false });
    }
  });

  it("of two sessions are refused and removed, while signing in, renewing and pages go on without", async () => {
    const cookie = cookieOf(await gateway.issuer.userToken(), await gateway.issuer.userToken());
    expect(await ask({ cookie })).toEqual({ status: 401, reached: false, bearer: null, isRemoved: true });
    for (const path of ["/auth/login", "/auth/refresh", "/auth/continue", "/trpc/auth/login", "/account"]) {
      expect(await ask({ cookie }, path)).toEqual({ status: 200, reached: true, bearer: null, isRemoved: true });
    }
  });
});

describe("without keys", () => {
  const unavailable: TokenCheck = checkByKeys({ find: () => Promise.reject(new TokenError("keys_unavailable")) });
  let closed: TestGateway;
  beforeAll(() => {
    const { issuer } = gateway.issuer;
    const deps = { issuer, algorithms: ["ES256"], check: unavailable, now: Date.now } as const;
    closed = createTestGateway({ cookieVerifier: createCookieVerifier(deps) });
  });

  it("nobody becomes anonymous: a cookie that may be ours goes to the service, and is kept", async () => {
    const token = await gateway.issuer.userToken();
    const cookie = cookieOf("garbage", token);
    expect(await ask({ cookie }, "/trpc/products/list", closed)).toEqual({
      status: 200,
      reached: true,
      bearer: `Bearer ${token}`,
      isRemoved: false,
    });
  });

  it("two that may be ours cannot be decided about", async () => {
    const cookie = cookieOf(await gateway.issuer.userToken(), await gateway.issuer.userToken());
    expect(await ask({ cookie }, "/trpc/products/list", closed)).toMatchObject({ status: 503, isRemoved: false });
    expect(await ask({ cookie }, "/auth/login", closed)).toMatchObject({ status: 200, isRemoved: false });
  });
});
