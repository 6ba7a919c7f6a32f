import type { OrdersRouter } from "@countersign/orders/router";
import { createTRPCClient, httpBatchLink } from "@trpc/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { demoUsers } from "../src/demo-users.ts";
import type { Platform } from "../src/run/start-platform.ts";
import { startTestPlatform } from "./start-test-platform.ts";

const signedIn = z.object({ accessToken: z.string() });
const [{ email, password }] = demoUsers;

let platform: Platform;
beforeAll(async () => {
  platform = await startTestPlatform({ tokenCheck: () => ({ by: "introspection", rememberSeconds: 0 }) });
});
afterAll(() => platform.stop());

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

describe("a platform whose services ask auth about every token", () => {
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
});
