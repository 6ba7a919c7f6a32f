import type { AuthRouter } from "@countersign/auth/router";
import { createMemoryTokenStore, createPlatformClient, createSession } from "@countersign/client";
import type { OrdersRouter } from "@countersign/orders/router";
import type { ProductsRouter } from "@countersign/products/router";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoUsers } from "../src/demo-users.ts";
import type { Platform } from "../src/run/start-platform.ts";
import { startTestPlatform } from "./start-test-platform.ts";

type Routers = { auth: AuthRouter; products: ProductsRouter; orders: OrdersRouter };
const [alice] = demoUsers;

let platform: Platform;
beforeAll(async () => {
  platform = await startTestPlatform();
});
afterAll(() => platform.stop());

async function signIn() {
  const tokens = createMemoryTokenStore();
  let signedOut = 0;
  const onSignedOut = (): void => {
    signedOut += 1;
  };
  const session = createSession({ url: platform.url, mode: "bearer", tokens, onSignedOut });
  await session.login({ email: alice.email, password: alice.password });
  const client = createPlatformClient<Routers>({ url: platform.url, session });
  return { tokens, client, signedOut: () => signedOut };
}

describe("a subscription of the platform client, over the gateway", () => {
  it("begins with a token that has ended, follows what happens, and ends with the session", async () => {
    const { tokens, client, signedOut } = await signIn();
    const held = await tokens.get();
    await tokens.set({ accessToken: `${held?.accessToken}x`, refreshToken: held?.refreshToken ?? "" });
    const seen: string[] = [];
    const ended = new Promise<unknown>((resolve) => {
      client.orders.watch.subscribe(undefined, {
        onData: ({ data }) => void seen.push(data.id),
        onError: resolve,
      });
    });
    const { items } = await client.products.list.query({ limit: 1 });
    const productId = items[0]?.id ?? "";
    const input = { items: [{ productId, quantity: 1 }], idempotencyKey: crypto.randomUUID() };
    const placed = await client.orders.place.mutate(input);
    await expect.poll(() => seen).toContain(placed.id);

    const other = await signIn();
    await other.client.auth.logoutEverywhere.mutate();
    expect(await ended).toMatchObject({ data: { code: "UNAUTHORIZED", path: "orders.watch" } });
    expect([signedOut(), await tokens.get()]).toEqual([1, null]);
  });
});

describe("a refresh that auth has done and whose answer is lost on the way", () => {
  it("is done once more with the same outcome, and the session goes on", async () => {
    let lost = 0;
    const losing: typeof fetch = async (input, init) => {
      const answer = await fetch(input, init);
      if (lost > 0 || !answer.url.endsWith("/auth/refresh")) return answer;
      lost += 1;
      throw new TypeError("The connection broke.");
    };
    const tokens = createMemoryTokenStore();
    const session = createSession({ url: platform.url, mode: "bearer", tokens, fetch: losing });
    await session.login({ email: alice.email, password: alice.password });
    const before = await tokens.get();
    expect(await session.refresh()).toBe(true);
    expect([lost, generationOf(before?.refreshToken), generationOf((await tokens.get())?.refreshToken)]).toEqual([
      1,
      "0",
      "1",
    ]);
    expect(await session.refresh()).toBe(true);
  });
});

/** `<session>.<generation>.<mac>` */
function generationOf(refreshToken = ""): string | undefined {
  return refreshToken.split(".").at(1);
}
