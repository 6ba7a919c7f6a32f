import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoUsers } from "../src/demo-users.ts";
import type { Platform } from "../src/run/start-platform.ts";
import { browserLike, scriptLike } from "../src/story/shop-client.ts";
import { startTestPlatform } from "./start-test-platform.ts";

const [alice, bob] = demoUsers;

let platform: Platform;
beforeAll(async () => {
  platform = await startTestPlatform();
});
afterAll(() => platform.stop());

type Shop = ReturnType<typeof scriptLike>["api"];

/** What a subscription to the own orders has said so far. */
function watching(api: Shop) {
  const orders: string[] = [];
  const ids: (string | undefined)[] = [];
  let connections = 0;
  const ended = new Promise<unknown>((resolve) => {
    api.orders.watch.subscribe(undefined, {
      onData: ({ id, data }) => {
        ids.push(id);
        orders.push(`${data.id} ${data.status}`);
      },
      onConnectionStateChange: ({ state }) => void (state === "pending" && (connections += 1)),
      onError: resolve,
      onComplete: () => resolve("complete"),
    });
  });
  return { orders, ids, ended, connections: () => connections };
}

async function place(api: Shop): Promise<string> {
  const { items } = await api.products.list.query({ limit: 1 });
  const [product] = items;
  if (product === undefined) throw new Error("The catalogue is empty.");
  const basket = { items: [{ productId: product.id, quantity: 1 }], idempotencyKey: crypto.randomUUID() };
  return (await api.orders.place.mutate(basket)).id;
}

describe("orders.watch through the gateway", () => {
  it("tells a browser of its orders as they change, and nobody else of them", async () => {
    const [browser, other] = [browserLike(platform.url, fetch), scriptLike(platform.url, fetch)];
    await browser.session.login(alice);
    await other.session.login(bob);
    const [mine, theirs] = [watching(browser.api), watching(other.api)];
    const id = await place(browser.api);
    await browser.api.orders.cancel.mutate({ id });
    await expect.poll(() => mine.orders).toContain(`${id} cancelled`);
    expect(theirs.orders).toEqual([]);
    await Promise.all([browser.session.logout(), other.session.logout()]);
    await Promise.all([mine.ended, theirs.ended]);
  });

  it("outlives its token: the client renews, and goes on where it was", async () => {
    const script = scriptLike(platform.url, fetch);
    await script.session.login(bob);
    const seen = watching(script.api);
    const first = await place(script.api);
    await expect.poll(() => seen.orders).toEqual([`${first} confirmed`]);
    const before = await script.tokens.get();
    await revokeToken(before?.accessToken ?? "");
    await expect.poll(async () => (await script.tokens.get())?.accessToken).not.toBe(before?.accessToken);
    const second = await place(script.api);
    await expect.poll(() => seen.orders).toEqual([`${first} confirmed`, `${second} confirmed`]);
    expect(new Set(seen.ids).size).toBe(2);
    expect(seen.connections()).toBeGreaterThan(1);
    await script.session.logout();
    expect(await seen.ended).toMatchObject({ data: { code: "UNAUTHORIZED", path: "orders.watch" } });
  });

  it("ends within a second of its session, ended elsewhere", async () => {
    const [here, elsewhere] = [scriptLike(platform.url, fetch), scriptLike(platform.url, fetch)];
    await Promise.all([here.session.login(alice), elsewhere.session.login(alice)]);
    const seen = watching(here.api);
    await expect.poll(() => seen.orders.length).toBeGreaterThan(0);
    await elsewhere.api.auth.logoutEverywhere.mutate();
    const at = performance.now();
    expect(await seen.ended).toMatchObject({ data: { code: "UNAUTHORIZED" } });
    expect(performance.now() - at).toBeLessThan(1_000);
  });
});

/** The holder of an access token ends it, and nothing else (RFC 7009). */
async function revokeToken(token: string): Promise<void> {
  const body = new URLSearchParams({ token, client_id: "countersign-web" });
  const answer = await fetch(`${platform.url}/oauth/revoke`, { method: "POST", body });
  if (!answer.ok) throw new Error(`The revocation was answered with ${answer.status}: ${await answer.text()}`);
}
