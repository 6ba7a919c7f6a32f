import { checkByKeys, protectedProcedure, router } from "@countersign/context";
import { createServiceApp } from "@countersign/service";
import { createTestChassis, createTestIssuer, silentLog, type TestIssuer } from "@countersign/testing";
import { TokenError } from "@countersign/tokens";
import { beforeAll, describe, expect, it } from "vitest";
import { createTrustingGateway, type Trusting } from "../../test/trusting.ts";
import { createTrust } from "./create-trust.ts";

const ordersRouter = router({
  list: protectedProcedure.query(({ ctx }) => ctx.user.id),
  place: protectedProcedure.mutation(({ ctx }) => ctx.user.id),
  watch: protectedProcedure.subscription(async function* () {
    yield 1;
  }),
});

let gateway: Trusting;
/** Reaches the service past the gateway. */
let direct: (path: string, init?: RequestInit) => Promise<Response>;
let stranger: TestIssuer;

beforeAll(async () => {
  let answer: (request: Request) => Promise<Response> = () => Promise.reject(new Error("not there yet"));
  gateway = await createTrustingGateway({ answer: (request) => answer(request) });
  const chassis = createTestChassis("orders", { issuer: gateway.issuer });
  await chassis.feed.ready;
  const app = createServiceApp(chassis, ordersRouter);
  answer = async (request) => app.fetch(request, { address: "127.0.0.1" });
  direct = async (path, init) => app.request(path, init);
  stranger = await createTestIssuer();
});

async function comparable(response: Response) {
  const body: unknown = JSON.parse((await response.text()).replaceAll(/"requestId":"[^"]*"/g, '"requestId":""'));
  // the services of the test have an issuer that is not the origin of its gateway
  const header = (name: string) => response.headers.get(name)?.replace(gateway.issuer.issuer, "http://localhost:4000");
  const headers = ["content-type", "www-authenticate", "cache-control", "retry-after"].map(header);
  return { status: response.status, headers, body };
}

const input = encodeURIComponent(JSON.stringify({ 0: {}, 1: {} }));

describe("a bad token on its way to a tRPC service", () => {
  it.each<[string, string, { method?: string; headers?: Record<string, string>; body?: string }]>([
    ["a query", "list", {}],
    ["a mutation", "place", { method: "POST", headers: { "content-type": "application/json" }, body: "{}" }],
    ["a batch", `list,list?batch=1&input=${input}`, {}],
    ["a streamed batch", `list,list?batch=1&input=${input}`, { headers: { "trpc-accept": "application/jsonl" } }],
    ["a subscription", "watch", { headers: { accept: "text/event-stream" } }],
  ])("is refused here with the service's own answer: %s", async (_what, path, init) => {
    const authorization = `Bearer ${await stranger.userToken()}`;
    const headers = { ...init.headers, authorization };
    const before = gateway.seen.length;
    const here = await gateway.request(`/trpc/orders/${path}`, { ...init, headers });
    expect(gateway.seen.length).toBe(before);
    expect(await comparable(here)).toEqual(await comparable(await direct(`/trpc/${path}`, { ...init, headers })));
  });
});

describe("a token on its way to a tRPC service", () => {
  const status = async (headers: Record<string, string>, path = "/trpc/orders/list") => {
    const before = gateway.seen.length;
    const response = await gateway.request(path, { headers });
    return { status: response.status, passed: gateway.seen.length - before };
  };
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  it("passes when it is good, as a header and as a cookie, the first time and again", async () => {
    const token = await gateway.issuer.userToken();
    for (const headers of [bearer(token), { cookie: `auth_token=${token}` }, bearer(token)]) {
      expect(await status(headers)).toEqual({ status: 200, passed: 1 });
    }
  });

  it("is told when to try again where the keys cannot be had and the gateway's word is the only one", async () => {
    const { issuer, bus } = gateway;
    const check = checkByKeys({ find: () => Promise.reject(new TokenError("keys_unavailable")) });
    const { source } = issuer.feed;
    const policy = { issuer: issuer.issuer, algorithms: ["ES256"] } as const;
    const trust = createTrust({ ...policy, check, source, key: undefined, bus, log: silentLog, now: Date.now });
    const without = await createTrustingGateway({ trust, asserted: ["orders"] });
    const answer = await without.request("/trpc/orders/list", { headers: bearer(await issuer.userToken()) });
    await trust.close();
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "5"]);
  });

  it("stops when it has ended, is meant for others, or was signed by others", async () => {
    const { issuer } = gateway;
    const bad = [
      await issuer.userToken({ age: 700 }),
      await issuer.userToken({ audience: ["auth"] }),
      await issuer.serviceToken("products", "inventory"),
      await stranger.userToken(),
      "abc",
    ];
    for (const token of bad) expect(await status(bearer(token))).toEqual({ status: 401, passed: 0 });
  });

  it("stops when it is a service's own, wherever it could be an identity, and whatever the service may call", async () => {
    const { issuer } = gateway;
    const tokens = [
      await issuer.serviceToken("orders", "products"),
      await issuer.serviceToken("orders", "inventory"),
      await issuer.serviceToken("products", "orders"),
      await issuer.serviceToken("orders", "auth"),
      await issuer.delegatedToken("orders", "products"),
      await issuer.delegatedToken("orders", "auth"),
    ];
    const paths = ["/trpc/products/list", "/trpc/inventory/levels", "/trpc/orders/list", "/trpc/auth/me"];
    const refused = { status: 401, passed: 0 };
    for (const token of tokens) {
      for (const path of [...paths, "/auth/me", "/api/reports/x"])
        expect(await status(bearer(token), path)).toEqual(refused);
      expect((await status({ cookie: `auth_token=${token}` })).status).toBe(401); // as any cookie that is no token of a user
      expect(gateway.seen.at(-1)?.headers.get("authorization") ?? null).toBeNull();
    }
  });

  it("stops when it is a service's own where the gateway verifies nothing, or cannot", async () => {
    const { issuer } = gateway;
    const blind = await createTrustingGateway({ trust: undefined, apis: {} });
    for (const token of [
      await issuer.serviceToken("orders", "products"),
      await issuer.delegatedToken("orders", "products"),
    ]) {
      const answer = await blind.request("/trpc/products/list", { headers: bearer(token) });
      expect([answer.status, answer.headers.get("www-authenticate"), blind.seen]).toEqual([
        401,
        'Bearer error="invalid_token", resource_metadata="http://localhost:4000/.well-known/oauth-protected-resource/trpc/products"',
        [],
      ]);
    }
  });

  it("passes to the token endpoint, where services prove themselves", async () => {
    const token = await gateway.issuer.serviceToken("orders", "auth");
    const before = gateway.seen.length;
    await gateway.request("/oauth/introspect", { method: "POST", headers: bearer(token) });
    expect(gateway.seen.length).toBe(before + 1);
  });

  it("stops within the second in which its session is revoked", async () => {
    const sessionId = crypto.randomUUID();
    const token = await gateway.issuer.userToken({ sessionId });
    expect(await status(bearer(token))).toEqual({ status: 200, passed: 1 });
    const expiresAt = Math.floor(Date.now() / 1000) + 600;
    await gateway.issuer.feed.publish(gateway.bus, { kind: "session", id: sessionId, expiresAt });
    await expect.poll(() => status(bearer(token))).toEqual({ status: 401, passed: 0 });
  });

  it("that has ended keeps nobody from auth's own face, where it is renewed", async () => {
    const cookie = `auth_token=${await gateway.issuer.userToken({ age: 700 })}`;
    const before = gateway.seen.length;
    await gateway.request("/auth/refresh", { method: "POST", headers: { cookie } });
    expect(gateway.seen.length).toBe(before + 1);
  });
});

describe("what the gateway refuses", () => {
  it("is reported, when it is about a credential or another site, and not when it is a mistake", async () => {
    const own = await createTrustingGateway();
    const origin = "https://evil.example";
    await own.request("/trpc/orders/list?input=secret", { headers: { authorization: "Bearer abc" } });
    await own.request("/auth/login", { method: "POST", headers: { origin } });
    await own.request("/trpc/orders/list", { headers: { authorization: "Basic abc" } });
    await own.request("/nothing");
    await own.request("/trpc/orders/place", { method: "POST", headers: { "content-length": "99999999" } });
    await own.trust.close();
    expect(own.denials.map(({ service, procedure, reason }) => [service, procedure, reason])).toEqual([
      ["gateway", "orders.list", "not_compact"],
      ["gateway", "auth/auth/login", "foreign_origin"],
      ["gateway", "orders.list", "malformed_authorization"],
    ]);
  });
});
