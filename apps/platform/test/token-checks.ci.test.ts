import type { OrdersRouter } from "@countersign/orders/router";
import { createTRPCClient, httpBatchLink } from "@trpc/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { demoUsers } from "../src/demo-users.ts";
import type { PlatformOptions } from "../src/run/shared.ts";
import type { Platform } from "../src/run/start-platform.ts";
import { startTestPlatform } from "./start-test-platform.ts";

const signedIn = z.object({ accessToken: z.string() });
const [{ email, password }] = demoUsers;

const ways: readonly [string, NonNullable<PlatformOptions["tokenCheck"]>][] = [
  ["ask auth about every token", () => ({ by: "introspection", rememberSeconds: 0 })],
  ["take the gateway's word on users", (_service, origin) => ({ by: "gateway", origin })],
];

let platform: Platform;

function post(path: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  const init = { method: "POST", headers: { "content-type": "application/json", ...headers } };
  return fetch(`${platform.url}${path}`, { ...init, body: JSON.stringify(body) });
}

async function signIn() {
  const { accessToken } = signedIn.parse(await (await post("/auth/login", { email, password, mode: "bearer" })).json());
  const headers = { authorization: `Bearer ${accessToken}` };
  const url = `${platform.url}/trpc/orders`;
  return { headers, orders: createTRPCClient<OrdersRouter>({ links: [httpBatchLink({ url, headers })] }) };
}

describe.each(ways)("a platform whose services %s", (_what, tokenCheck) => {
  beforeAll(async () => {
    platform = await startTestPlatform({ tokenCheck });
  });
  afterAll(() => platform.stop());

  it("does the same: an order goes through three of them", async () => {
    const { orders } = await signIn();
    expect(await orders.list.query({})).toMatchObject({ items: expect.any(Array) as unknown }); // vitest types it as any
    const catalogue = z.object({
      result: z.object({ data: z.object({ items: z.array(z.object({ id: z.string() })) }) }),
    });
    const { result } = catalogue.parse(await (await fetch(`${platform.url}/trpc/products/list?input={}`)).json());
    const [product] = result.data.items;
    const items = [{ productId: product?.id ?? "", quantity: 1 }];
    expect(await orders.place.mutate({ items, idempotencyKey: crypto.randomUUID() })).toMatchObject({
      status: "confirmed",
    });
  });

  it("knows of a sign-out at once", async () => {
    const { orders, headers } = await signIn();
    await orders.list.query({});
    expect((await post("/auth/logout", {}, headers)).status).toBe(200);
    await expect(orders.list.query({})).rejects.toMatchObject({ data: { code: "UNAUTHORIZED" } });
  });

  it("believes no header that says who is calling", async () => {
    const headers = { "x-user-id": "admin", "x-user-roles": "admin", "x-countersign-assertion": "a.b.c" };
    for (const url of [`${platform.url}/trpc/orders/list`, `${platform.origins.orders}/trpc/list`]) {
      expect((await fetch(`${url}?input={}`, { headers })).status).toBe(401);
    }
  });
});

describe("a platform whose services take the gateway's word on users", () => {
  beforeAll(async () => {
    platform = await startTestPlatform({ tokenCheck: (_service, origin) => ({ by: "gateway", origin }) });
  });
  afterAll(() => platform.stop());

  it("has no side door: a good token that does not come through the gateway is refused", async () => {
    const { headers } = await signIn();
    expect((await fetch(`${platform.url}/trpc/orders/list?input={}`, { headers })).status).toBe(200);
    expect((await fetch(`${platform.origins.orders}/trpc/list?input={}`, { headers })).status).toBe(401);
  });
});
