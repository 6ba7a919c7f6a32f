import { describeDatabases } from "@countersign/testing";
import { expect, it } from "vitest";
import { migrations } from "../../test/migrations.ts";
import { openShop, orderOf } from "../../test/open-shop.ts";
import { orderIdOf } from "../../test/order-id.ts";
import { watchOrders } from "../../test/watch.ts";

describeDatabases("orders.watch", { migrations }, (open) => {
  async function setUp() {
    const shop = await openShop(await open());
    const [alice, bob] = [crypto.randomUUID(), crypto.randomUUID()];
    const watch = async (id: string, lastEventId?: string) => {
      const token = await shop.issuer.userToken({ id, sessionId: id });
      return watchOrders(shop.app, { token, ...(lastEventId === undefined ? {} : { lastEventId }) });
    };
    return { ...shop, alice, bob, watch, asAlice: shop.someone("user", alice), asBob: shop.someone("user", bob) };
  }

  it("begins with the orders as they are, then tells each change, and nothing of anybody else's", async () => {
    const { watch, asAlice, asBob, alice, product } = await setUp();
    const lamp = product(9);
    const first = orderIdOf(await asAlice("place", orderOf(lamp)));
    const stream = await watch(alice);
    expect(await stream.next()).toMatchObject({ id: "1", data: { id: first, status: "confirmed" } });
    await asBob("place", orderOf(lamp));
    const second = orderIdOf(await asAlice("place", orderOf(lamp)));
    expect(await stream.next()).toMatchObject({ id: "2", data: { id: second, status: "confirmed" } });
    await asAlice("cancel", { id: first });
    expect(await stream.next()).toMatchObject({ id: "3", data: { id: first, status: "cancelled" } });
    stream.leave();
  });

  it("resumes after the last id, and an order that changed meanwhile comes once, as it is now", async () => {
    const { watch, asAlice, alice, product } = await setUp();
    const lamp = product(9);
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) ids.push(orderIdOf(await asAlice("place", orderOf(lamp))));
    await asAlice("cancel", { id: ids[1] });
    const stream = await watch(alice, "1");
    expect(await stream.next()).toMatchObject({ id: "3", data: { id: ids[2] } });
    expect(await stream.next()).toMatchObject({ id: "4", data: { id: ids[1], status: "cancelled" } });
    stream.leave();
  });

  it("misses none of many orders that are placed at once", async () => {
    const { watch, asAlice, alice, product } = await setUp();
    const lamp = product(50);
    const stream = await watch(alice);
    const placed = Promise.all(Array.from({ length: 20 }, () => asAlice("place", orderOf(lamp))));
    const seen: unknown[] = [];
    while (seen.length < 20) seen.push((await stream.next()).id);
    expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => String(index + 1)));
    await placed;
    stream.leave();
  });

  it("closes when the session is revoked", async () => {
    const { watch, alice, asAlice, product, bus, clock, issuer } = await setUp();
    await asAlice("place", orderOf(product(1)));
    const stream = await watch(alice);
    await stream.next();
    const expiresAt = Math.floor(clock.now() / 1000) + 600;
    await issuer.feed.publish(bus, { kind: "session", id: alice, expiresAt });
    expect(await stream.next()).toMatchObject({ event: "serialized-error", data: { data: { code: "UNAUTHORIZED" } } });
  });

  it("refuses an id that is none of its own", async () => {
    const { watch, alice } = await setUp();
    expect((await watch(alice, "1 or 1=1")).status).toBe(400);
  });
});
