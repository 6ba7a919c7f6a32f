import { serviceNames } from "@countersign/access";
import { createFakeClock } from "@countersign/testing";
import { createLocalKeySet, verifyGatewayAssertion } from "@countersign/tokens";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createTestGateway } from "../test/harness.ts";
import { createTrustingGateway, type Trusting } from "../test/trusting.ts";

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const userId = "00000000-0000-4000-8000-00000000000a";

async function seenBy(gateway: Trusting, path: string, init: RequestInit = {}) {
  const before = gateway.seen.length;
  const response = await gateway.request(path, init);
  return { status: response.status, response, seen: gateway.seen[before] };
}

/** Verifies as an upstream does: with the keys that it fetches from the gateway. */
async function verified(gateway: Trusting, assertion: string, now: () => number = Date.now) {
  const response = await gateway.request("/.well-known/gateway-jwks.json");
  const { keys } = (await response.json()) as {
    keys: Parameters<typeof createLocalKeySet>[0] extends () => infer K ? K : never;
  }; // what the gateway publishes
  const policy = { issuer: "http://localhost:4000", audience: "reports", algorithms: ["ES256"], now } as const;
  return verifyGatewayAssertion(
    assertion,
    createLocalKeySet(() => keys),
    policy,
  );
}

describe("an upstream below /api/", () => {
  it("is told who is calling, and signed; it gets no credential", async () => {
    const gateway = await createTrustingGateway();
    const sessionId = crypto.randomUUID();
    const token = await gateway.issuer.userToken({ id: userId, roles: ["user", "admin"], sessionId });
    const { status, seen } = await seenBy(gateway, "/api/reports/monthly/2026?format=csv", {
      headers: { cookie: `auth_token=${token}; theme=dark` },
    });
    expect([status, seen?.url.href]).toEqual([200, "http://reports.test/monthly/2026?format=csv"]);
    const header = (name: string) => seen?.headers.get(name) ?? null;
    expect([header("x-user-id"), header("x-user-roles"), header("x-forwarded-prefix")]).toEqual([
      userId,
      "user,admin",
      "/api/reports",
    ]);
    expect(header("x-request-id")).toMatch(/^[\w-]{8,}$/);
    expect([header("authorization"), header("cookie")]).toEqual([null, null]);
    const claims = await verified(gateway, header("x-countersign-assertion") ?? "");
    expect(claims).toMatchObject({ class: "gateway", subject: userId, sessionId, roles: ["user", "admin"] });
  });

  it("sees nobody where nobody is signed in, whatever the headers claim", async () => {
    const gateway = await createTrustingGateway();
    const claims = ["x-user-id", "X_User_Id", "x-user_roles", "x-countersign-assertion", "X-COUNTERSIGN_ASSERTION"];
    const headers = Object.fromEntries(claims.map((name) => [name, "admin"]));
    const { status, seen } = await seenBy(gateway, "/api/reports/", { headers });
    expect([status, seen?.url.pathname]).toEqual([200, "/"]);
    expect(
      [...(seen?.headers ?? [])].filter(([name, value]) => /user|assertion/.test(name) || value === "admin"),
    ).toEqual([]);
  });

  it("has its own word stand where a signed-in client claims to be another", async () => {
    const gateway = await createTrustingGateway();
    const headers = {
      ...bearer(await gateway.issuer.userToken({ id: userId })),
      "x-user-id": "admin",
      x_user_id: "admin",
    };
    const { seen } = await seenBy(gateway, "/api/reports/x", { headers });
    expect(seen?.headers.get("x-user-id")).toBe(userId);
    expect(JSON.stringify([...(seen?.headers ?? [])])).not.toContain("admin");
  });

  it("is not reached with a bad token, one of a service, or one that was revoked", async () => {
    const gateway = await createTrustingGateway();
    const sessionId = crypto.randomUUID();
    const revoked = await gateway.issuer.userToken({ sessionId });
    const expiresAt = Math.floor(Date.now() / 1000) + 600;
    await gateway.issuer.feed.publish(gateway.bus, { kind: "session", id: sessionId, expiresAt });
    const bad = [
      "abc",
      await gateway.issuer.userToken({ age: 700 }),
      await gateway.issuer.userToken({ issuer: "http://evil.test" }),
      await gateway.issuer.serviceToken("orders", "auth"),
      await gateway.issuer.delegatedToken("orders", "auth"),
      revoked,
    ];
    for (const token of bad) {
      const { status, seen, response } = await seenBy(gateway, "/api/reports/x", { headers: bearer(token) });
      expect([status, seen, response.headers.get("www-authenticate")]).toEqual([
        401,
        undefined,
        'Bearer error="invalid_token", resource_metadata="http://localhost:4000/.well-known/oauth-protected-resource"',
      ]);
    }
  });

  it("does not take another's assertion for a credential", async () => {
    const gateway = await createTrustingGateway();
    const { seen } = await seenBy(gateway, "/api/reports/x", { headers: bearer(await gateway.issuer.userToken()) });
    const assertion = seen?.headers.get("x-countersign-assertion") ?? "";
    for (const path of ["/api/reports/x", "/trpc/orders/list"]) {
      expect((await seenBy(gateway, path, { headers: bearer(assertion) })).status).toBe(401);
    }
  });

  it("gets an assertion that has twenty seconds left at least, and a new one each nine", async () => {
    const clock = createFakeClock();
    const gateway = await createTrustingGateway({ now: clock.now });
    const headers = bearer(await gateway.issuer.userToken());
    const ask = async () =>
      (await seenBy(gateway, "/api/reports/x", { headers })).seen?.headers.get("x-countersign-assertion") ?? "";
    const first = await ask();
    clock.advance(8);
    expect(await ask()).toBe(first);
    const { assertion } = await verified(gateway, first, clock.now);
    expect(assertion.expiresAt - clock.now() / 1000).toBeGreaterThanOrEqual(20);
    clock.advance(1);
    expect(await ask()).not.toBe(first);
  });

  it.each(["PUT", "PATCH", "DELETE", "POST"])("takes %s, unless another site caused it", async (method) => {
    const gateway = await createTrustingGateway();
    const token = await gateway.issuer.userToken();
    const cookie = `auth_token=${token}`;
    expect((await seenBy(gateway, "/api/reports/1", { method, headers: { cookie } })).status).toBe(200);
    const foreign = { method, headers: { cookie, origin: "https://evil.example" } };
    expect((await seenBy(gateway, "/api/reports/1", foreign)).status).toBe(403);
  });

  it("may be asked for a preflight with its methods", async () => {
    const gateway = await createTrustingGateway({ allowedOrigins: ["https://admin.example.com"] });
    const headers = { origin: "https://admin.example.com", "access-control-request-method": "DELETE" };
    const { response } = await seenBy(gateway, "/api/reports/1", { method: "OPTIONS", headers });
    expect(response.headers.get("access-control-allow-methods")).toContain("DELETE");
  });

  it("is named, and its address is not, when it cannot be reached", async () => {
    const gateway = await createTrustingGateway({ forward: () => Promise.reject(new Error("10.0.0.5")) });
    const { status, response } = await seenBy(gateway, "/api/reports/1");
    const body = await response.text();
    expect([status, body.includes("reports"), body.includes("10.0.0.5")]).toEqual([503, true, false]);
  });

  it.each([
    ["an unknown name", "/api/search/x"],
    ["no path", "/api/reports"],
    ["no name", "/api/"],
    ["another case", "/api/Reports/x"],
    ["another case of the prefix", "/API/reports/x"],
    ["an encoded name", "/api/report%73/x"],
    ["an encoded letter", "/api/reports/m%65"],
    ["an encoded dot", "/api/reports/%2e/x%2ey"],
    ["an encoded slash", "/api/reports/x%2fy"],
    ["an encoded backslash", "/api/reports/x%5cy"],
    ["an encoded percent sign", "/api/reports/%2565"],
    ["an encoded null", "/api/reports/x%00"],
    ["an encoded line break", "/api/reports/x%0d%0ay"],
    ["a doubled slash", "/api/reports//x"],
    ["a doubled slash at the end", "/api/reports/x//"],
    ["a doubled slash before the name", "/api//reports/x"],
    ["a semicolon", "/api/reports/x;y=1"],
    ["dots with a semicolon", "/api/reports/..;/x"],
    ["an encoded semicolon", "/api/reports/..%3b/x"],
    ["a percent sign alone", "/api/reports/100%"],
    ["dot segments out of it", "/api/reports/../search/x"],
    ["encoded dot segments out of it", "/api/reports/%2e%2e/search/x"],
    ["backslashes out of it", "/api/reports/..\\..\\metrics"],
  ])("is not found by an alias: %s", async (_what, path) => {
    const { status, seen } = await seenBy(await createTrustingGateway(), path);
    expect([status, seen]).toEqual([404, undefined]);
  });

  it.each([
    ["/api/reports/a/b/", "/a/b/"],
    ["/api/reports/caf%C3%A9/a%20b", "/caf%C3%A9/a%20b"],
    ["/api/reports/a,b/@x/$y/~z:1", "/a,b/@x/$y/~z:1"],
  ])("is found by %s", async (path, arrived) => {
    expect((await seenBy(await createTrustingGateway(), path)).seen?.url.pathname).toBe(arrived);
  });

  it("is not started without the means to say who is calling", () => {
    expect(() => createTestGateway({ apis: { reports: "http://reports.test" } })).toThrow("who is calling");
  });
});

describe("the metadata of protected resources (RFC 9728)", () => {
  const at = "/.well-known/oauth-protected-resource";
  const read = async (path: string, init?: RequestInit) => {
    const { seen, request } = createTestGateway({ publicOrigin: "https://shop.example.com" });
    const response = await request(path, init);
    expect(seen).toEqual([]);
    return response;
  };

  it.each(["", ...serviceNames.map((name) => `/trpc/${name}`)])("stands at its place for %j", async (path) => {
    const response = await read(at + path);
    expect([response.status, response.headers.get("cache-control")]).toEqual([200, "public, max-age=300"]);
    expect(await response.json()).toEqual({
      resource: `https://shop.example.com${path}`,
      authorization_servers: ["https://shop.example.com"],
      bearer_methods_supported: ["header"],
    });
  });

  it("is where a challenge says that it is", async () => {
    for (const path of ["/trpc/orders/list", "/auth/logout"]) {
      const refused = await read(path, { headers: { authorization: "Bearer a,b" } });
      const [, url] = /resource_metadata="([^"]+)"/.exec(refused.headers.get("www-authenticate") ?? "") ?? [];
      const { pathname, origin } = new URL(url ?? "");
      const { resource } = z.object({ resource: z.string() }).parse(await (await read(pathname)).json());
      expect([origin, new URL(path, origin).href.startsWith(resource)]).toEqual(["https://shop.example.com", true]);
    }
  });

  it.each(["/trpc", "/trpc/", "/trpc/nowhere", "/trpc/orders/list", "/trpc/constructor", "/", "/api/reports"])(
    "is not there for %j",
    async (path) => expect((await read(at + path)).status).toBe(404),
  );
});

describe("the gateway's keys", () => {
  it("are published for anyone to keep, and hold nothing private", async () => {
    const { request } = await createTrustingGateway();
    const response = await request("/.well-known/gateway-jwks.json");
    const text = await response.text();
    expect(response.headers.get("cache-control")).toBe("public, max-age=300");
    expect(JSON.parse(text)).toMatchObject({ keys: [{ alg: "ES256", use: "sig", kid: expect.any(String) }] });
    expect(text).not.toContain('"d"');
  });

  it("are none where nothing is signed", async () => {
    expect(await (await createTestGateway().request("/.well-known/gateway-jwks.json")).json()).toEqual({ keys: [] });
  });
});
