import { ConfigurationError, createMemoryStore, type LimitSize } from "@countersign/service";
import { describe, expect, it } from "vitest";
import { createTestGateway, type TestOptions } from "../../test/harness.ts";

/** A gateway that allows an address ten calls a minute. */
function createTight(options: TestOptions = {}) {
  return createTestGateway({ limits: limitsOf("gateway/address", { calls: 10, perSeconds: 60 }), ...options });
}

function limitsOf(name: string, size: LimitSize) {
  return { store: createMemoryStore(), sizes: new Map([[name, size]]) };
}

type Gateway = ReturnType<typeof createTestGateway>;

/** The statuses of so many requests, one after the other. */
async function statuses(gateway: Gateway, count: number, request: (index: number) => Parameters<Gateway["request"]>) {
  const answers: number[] = [];
  for (let index = 0; index < count; index++) answers.push((await gateway.request(...request(index))).status);
  return answers;
}

const onlyTen = [...Array<number>(10).fill(200), 429, 429];

describe("what one address may ask of the gateway", () => {
  it("is counted, said and refused, and nothing of what is refused goes on", async () => {
    const gateway = createTight();
    const first = await gateway.request("/trpc/products/list");
    expect(first.headers.get("ratelimit-policy")).toBe('"gateway/address";q=10;w=60');
    expect(first.headers.get("ratelimit")).toBe('"gateway/address";r=9;t=60');
    expect(await statuses(gateway, 11, () => ["/trpc/products/list"])).toEqual(onlyTen.slice(1));
    const refused = await gateway.request("/trpc/products/list");
    expect(await refused.json()).toMatchObject({ error: { data: { code: "TOO_MANY_REQUESTS", httpStatus: 429 } } });
    expect(refused.headers.get("ratelimit")).toBe(`"gateway/address";r=0;t=${refused.headers.get("retry-after")}`);
    expect(gateway.seen).toHaveLength(10);
  });

  it("is counted by the calls of a batch", async () => {
    const gateway = createTight();
    const batch = (calls: number) => `/trpc/products/${Array<string>(calls).fill("list").join(",")}?batch=1`;
    expect((await gateway.request(batch(6))).headers.get("ratelimit")).toBe('"gateway/address";r=4;t=60');
    expect((await gateway.request(batch(6).replaceAll(",", "%2C"))).status).toBe(429);
    expect(gateway.seen).toHaveLength(1);
  });

  it("is one count for every X-Forwarded-For of a stranger, and for every address of a /64", async () => {
    const forged = (index: number) => ({ "x-forwarded-for": `198.51.100.${index}` });
    expect(await statuses(createTight(), 12, (index) => ["/trpc/products/list", { headers: forged(index) }])).toEqual(
      onlyTen,
    );
    const gateway = createTight();
    const neighbours = (index: number) => ({ peer: `2001:db8::${index + 1}` });
    expect(await statuses(gateway, 12, (index) => ["/trpc/products/list", neighbours(index)])).toEqual(onlyTen);
    expect((await gateway.request("/trpc/products/list", { peer: "2001:db8:0:1::1" })).status).toBe(200);
  });

  it("is a client's own where a trusted proxy says who it is", async () => {
    const gateway = createTight({ trustedProxies: ["10.0.0.0/8"] });
    const from = (client: string) => ({ peer: "10.0.0.1", headers: { "x-forwarded-for": client } });
    expect(await statuses(gateway, 12, () => ["/trpc/products/list", from("192.0.2.1")])).toEqual(onlyTen);
    expect((await gateway.request("/trpc/products/list", from("192.0.2.2"))).status).toBe(200);
  });

  it("is one count for every face and spelling, also for what names nothing", async () => {
    const gateway = createTight();
    const paths = [
      "/trpc/products/list",
      "/trpc/products/l%69st",
      "/trpc//products/list",
      "/trpc/Products/list",
      "/auth/login",
      "/",
    ];
    await statuses(gateway, 10, (index) => [paths[index % paths.length] ?? "/"]);
    expect(await statuses(gateway, paths.length, (index) => [paths[index] ?? "/"])).toEqual(paths.map(() => 429));
  });

  it("is refused in the words of RFC 6749 on the OAuth endpoints", async () => {
    const gateway = createTight();
    await statuses(gateway, 10, () => ["/oauth/token", { method: "POST" }]);
    const refused = await gateway.request("/oauth/token", { method: "POST" });
    expect([refused.status, refused.headers.has("retry-after")]).toEqual([429, true]);
    expect(await refused.json()).toMatchObject({ error: expect.any(String) });
  });

  it("has the size that operators chose, of a limit that there is", () => {
    const limits = limitsOf("gateway/adress", { calls: 1, perSeconds: 1 });
    expect(() => createTestGateway({ limits })).toThrow(ConfigurationError);
  });
});

describe("a batch that is too large", () => {
  const of = (path: string, calls: number, comma = ",") =>
    `/trpc/${path}${`${comma}${path.split("/")[1]}`.repeat(calls - 1)}?batch=1`;

  it.each([
    ["two sign-ins", of("auth/login", 2), 400],
    ["five hundred sign-ins", of("auth/login", 500), 400],
    ["21 calls", of("products/list", 21), 400],
    ["21 calls with encoded commas", of("products/list", 21, "%2c"), 400],
    ["20 calls", of("products/list", 20), 200],
  ])("ends at the gateway: %s", async (_, path, status) => {
    const gateway = createTestGateway();
    const headers = { "content-type": "application/json" };
    const answer = await gateway.request(path, { method: "POST", headers, body: "{}" });
    expect(answer.status).toBe(status);
    expect(gateway.seen).toHaveLength(status === 200 ? 1 : 0);
  });
});
