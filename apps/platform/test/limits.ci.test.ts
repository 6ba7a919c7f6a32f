import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { demoUsers } from "../src/demo-users.ts";
import type { Platform } from "../src/run/start-platform.ts";
import { startTestPlatform } from "./start-test-platform.ts";

const [alice, bob] = demoUsers;
const small = (calls: number) => ({ calls, perSeconds: 600 });

describe("the limits of the platform, by HTTP", () => {
  let platform: Platform;
  beforeAll(async () => {
    const sizes = new Map([
      ["orders.place/user", small(5)],
      ["auth.login/account", small(3)],
      ["gateway/address", small(400)],
    ]);
    platform = await startTestPlatform({ limits: { LIMITS: sizes } });
  });
  afterAll(() => platform.stop());

  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${platform.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });

  it("five hundred sign-ins in one batch are none", async () => {
    const attempts = Object.fromEntries(
      Array.from({ length: 500 }, (_, index) => [index, { email: bob.email, password: `guess-${index}` }]),
    );
    const path = `/trpc/${Array<string>(500).fill("login").join(",")}?batch=1`;
    for (const url of [platform.url.concat(path.replace("/trpc", "/trpc/auth")), `${platform.origins.auth}${path}`]) {
      const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(attempts) };
      expect((await fetch(url, init)).status).toBe(400);
    }
    const { email, password } = bob;
    expect((await post("/auth/login", { email, password, mode: "bearer" })).status).toBe(200);
  });

  it("three guesses at a password are all, by any face, from any address that is made up", async () => {
    const statuses: number[] = [];
    for (let index = 0; index < 6; index++) {
      const guess = { email: index % 2 === 0 ? bob.email : ` ${bob.email.toUpperCase()} `, password: `guess-${index}` };
      const headers = { "x-forwarded-for": `198.51.100.${index}`, "x-real-ip": `198.51.100.${index}` };
      statuses.push((await post(index % 2 === 0 ? "/auth/login" : "/trpc/auth/login", guess, headers)).status);
    }
    expect(statuses).toEqual([401, 401, 401, 429, 429, 429]);
  });

  it("five of twenty orders in one batch are placed, the others refused one by one, and all of it is said", async () => {
    const { email, password } = alice;
    const answer = await post("/auth/login", { email, password, mode: "bearer" });
    const { accessToken } = z.object({ accessToken: z.string() }).parse(await answer.json());
    const headers = { authorization: `Bearer ${accessToken}` };
    const items = [{ productId: "0190a000-0000-7000-8000-000000000001", quantity: 1 }];
    const orders = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [index, { items, idempotencyKey: `limits-${index}` }]),
    );
    const batch = await post(`/trpc/orders/${Array<string>(20).fill("place").join(",")}?batch=1`, orders, headers);
    const one = z.object({ error: z.object({ data: z.object({ code: z.string() }) }).optional() });
    const codes = z.array(one).parse(await batch.json());
    expect(codes.filter(({ error }) => error === undefined)).toHaveLength(5);
    expect(codes.filter(({ error }) => error?.data.code === "TOO_MANY_REQUESTS")).toHaveLength(15);
    const said = batch.headers.get("ratelimit-policy")?.split(", ");
    expect(said?.toSorted()).toEqual(['"gateway/address";q=400;w=600', '"orders.place/user";q=5;w=600']);
    expect(batch.headers.get("ratelimit")).toContain('"orders.place/user";r=0;t=');
    expect(Number(batch.headers.get("retry-after"))).toBeGreaterThan(0);

    const metrics = await (await fetch(`${platform.origins.orders}/metrics`)).text();
    expect(metrics).toMatch(/countersign_limited_calls_total\{limit="orders\.place\/user",outcome="refused".*\} 15/);
  });

  it("a streamed batch says what the gateway's limit and its procedures' have left", async () => {
    const path = `${platform.url}/trpc/products/list,list?batch=1&input={}`;
    const { status, headers, body } = await fetch(path, { headers: { "trpc-accept": "application/jsonl" } });
    await body?.cancel();
    const policies = headers.get("ratelimit-policy")?.split(", ").toSorted();
    expect([status, policies]).toEqual([200, ['"gateway/address";q=400;w=600', '"products.list/address";q=3000;w=60']]);
    expect(headers.get("ratelimit")).toMatch(/"products\.list\/address";r=2998;t=\d+/);
  });

  it("an address that has used up its calls is refused at the gateway, whatever it asks for but health", async () => {
    const twenty = `/trpc/products/${Array<string>(20).fill("list").join(",")}?batch=1`;
    for (let left = 400; left > 0; left -= 20) await (await fetch(`${platform.url}${twenty}`)).arrayBuffer();
    for (const path of ["/trpc/products/list", "/healthy", "/nothing", "/trpc/products/%6cist"]) {
      const { status, headers } = await fetch(`${platform.url}${path}`);
      expect([path, status, headers.has("retry-after")]).toEqual([path, 429, true]);
    }
    expect((await fetch(`${platform.url}/health`)).status).toBe(200);
  });
});
