import { describe, expect, it } from "vitest";
import { createTestGateway, type TestOptions } from "../test/harness.ts";

/** A gateway whose services answer when they are told to. */
function holding(load: TestOptions["load"]) {
  const waiting: (() => void)[] = [];
  const gateway = createTestGateway({
    load: load ?? {},
    answer: () => new Promise((resolve) => waiting.push(() => resolve(Response.json({})))),
  });
  async function arrive(count: number): Promise<void> {
    await expect.poll(() => gateway.seen.length).toBe(count);
  }
  const release = () => {
    for (const answer of waiting.splice(0)) answer();
  };
  return { ...gateway, arrive, release };
}

const login = { method: "POST", body: "{}", headers: { "content-length": "2" } };

describe("too much at once", () => {
  it("is turned away with a 503 that says when to come again, and taken on again once there is room", async () => {
    const { request, arrive, release } = holding({ inFlight: 2 });
    const first = [request("/trpc/orders/list"), request("/trpc/products/list")];
    await arrive(2);
    const turned = await request("/trpc/orders/list");
    expect([turned.status, Number(turned.headers.get("retry-after")) > 0]).toEqual([503, true]);
    expect(turned.headers.get("cache-control")).toBe("no-store");
    expect(await turned.json()).toMatchObject({ error: { data: { code: "SERVICE_UNAVAILABLE" } } });
    release();
    await Promise.all(first);
    const next = request("/trpc/orders/list");
    await arrive(3);
    release();
    expect((await next).status).toBe(200);
  });

  it("costs the services nothing, and leaves the gateway's own health", async () => {
    const { request, seen, arrive, release } = holding({ inFlight: 1 });
    const first = request("/trpc/orders/list");
    await arrive(1);
    await Promise.all(Array.from({ length: 50 }, () => request("/trpc/orders/list")));
    expect(seen.length).toBe(1);
    expect((await request("/.well-known/gateway-jwks.json")).status).toBe(200);
    release();
    await first;
  });

  it.each([
    ["/auth/login", "/auth/register"],
    ["/trpc/auth/login", "/trpc/auth/register"],
    ["/trpc/auth/login", "/trpc/auth/changePassword"],
    ["/trpc/auth/login?batch=1", "/trpc/auth/register?batch=1"],
  ])("of sign-ins leaves room for everyone else: %s, %s", async (one, another) => {
    const { request, arrive, release } = holding({ inFlight: 10, signIns: 2 });
    const first = [request(one, login), request(another, login)];
    await arrive(2);
    expect((await request(one, login)).status).toBe(503);
    const others = [request("/trpc/auth/me"), request("/auth/refresh", login)];
    await arrive(4);
    release();
    expect((await Promise.all([...first, ...others])).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });
});

it("turns everything away while the process is late with its work, and nothing before and after", async () => {
  let delay = 399;
  const { request, seen } = createTestGateway({ load: { delayMs: () => delay } });
  expect((await request("/trpc/orders/list")).status).toBe(200);
  delay = 401;
  expect((await request("/trpc/orders/list")).status).toBe(503);
  delay = 0;
  expect((await request("/trpc/orders/list")).status).toBe(200);
  expect(seen.length).toBe(2);
});

describe("a flood from one address", () => {
  it("leaves room for others: of everything that is under way, and of sign-ins", async () => {
    const { request, arrive, release } = holding({ inFlight: 40, signIns: 8 });
    const flood = { ...login, peer: "198.51.100.1" };
    const many = Array.from({ length: 60 }, () => request("/auth/login", flood));
    await arrive(5);
    const others = Array.from({ length: 2 }, (_, index) =>
      request("/auth/login", { ...login, peer: `203.0.113.${index}` }),
    );
    await arrive(7);
    const calls = Array.from({ length: 60 }, () => request("/trpc/orders/list", { peer: "198.51.100.2" }));
    await arrive(24);
    const another = request("/trpc/orders/list", { peer: "203.0.113.9" });
    await arrive(25);
    release();
    expect((await Promise.all([...others, another])).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await Promise.all(many)).filter(({ status }) => status === 503)).toHaveLength(55);
    expect((await Promise.all(calls)).filter(({ status }) => status === 503).length).toBeGreaterThan(40);
  });
});
