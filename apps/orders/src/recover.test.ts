import { describeDatabases, silentLog } from "@countersign/testing";
import { expect, it, vi } from "vitest";
import { migrations } from "../test/migrations.ts";
import { breakDown, openShop, orderOf } from "../test/open-shop.ts";
import { orderIdOf } from "../test/order-id.ts";
import { mergeBasket, spellBasket } from "./basket.ts";
import { claimOrder } from "./claim.ts";
import { recoverOrders, workOnRecovery } from "./recover.ts";

type Shop = Awaited<ReturnType<typeof openShop>>;

/** Leaves behind what a process does that dies while it places an order: a claim, and perhaps a reservation. */
async function dieWhilePlacing(shop: Shop, { reserved }: { reserved: boolean }) {
  const [userId, lamp] = [crypto.randomUUID(), shop.product(5)];
  const order = orderOf(lamp, 2);
  const items = mergeBasket(order.items);
  const { id } = await claimOrder(shop.deps, {
    userId,
    idempotencyKey: order.idempotencyKey,
    request: spellBasket(items),
  });
  if (reserved) shop.reserve({ orderId: id, items: [...items] });
  expect(shop.stock.get(lamp)).toBe(reserved ? 3 : 5);
  return { id, lamp, order, alice: shop.someone("user", userId) };
}

describeDatabases("after a crash while an order was placed", { migrations }, (open) => {
  it.each([true, false])("a repeat of the key completes the same order (reserved: %s)", async (reserved) => {
    const shop = await openShop(await open());
    const { id, lamp, order, alice } = await dieWhilePlacing(shop, { reserved });
    expect(await alice("get", { id })).toMatchObject({ status: 404 });
    expect(await alice("place", order)).toMatchObject({ status: 200, data: { id, status: "confirmed" } });
    expect(shop.stock.get(lamp)).toBe(3);
  });

  it.each([true, false])("the recovery gives the order up and its stock back (reserved: %s)", async (reserved) => {
    const shop = await openShop(await open());
    const { id, lamp, order, alice } = await dieWhilePlacing(shop, { reserved });
    shop.clock.advance(31);
    await recoverOrders(shop.deps);
    expect(shop.stock.get(lamp)).toBe(5);
    const again = await alice("place", order);
    expect(again).toMatchObject({ status: 200, data: { status: "confirmed" } });
    expect(orderIdOf(again)).not.toBe(id);
    expect(shop.stock.get(lamp)).toBe(3);
  });

  it("the recovery leaves an order alone that may still be worked on", async () => {
    const shop = await openShop(await open());
    const { id, lamp, order, alice } = await dieWhilePlacing(shop, { reserved: true });
    shop.clock.advance(29);
    await recoverOrders(shop.deps);
    expect(shop.stock.get(lamp)).toBe(3);
    expect(orderIdOf(await alice("place", order))).toBe(id);
  });
});

describeDatabases("when inventory was down as stock had to be released", { migrations }, (open) => {
  it("the recovery releases it later, once, also of a cancelled order", async () => {
    const shop = await openShop(await open());
    const [alice, lamp] = [shop.someone(), shop.product(5)];
    const id = orderIdOf(await alice("place", orderOf(lamp, 2)));
    shop.around.set("inventory.release", { before: breakDown });
    expect(await alice("cancel", { id })).toMatchObject({ status: 200, data: { status: "cancelled" } });
    shop.around.set("inventory.reserve", { after: breakDown });
    expect(await alice("place", orderOf(lamp, 3))).toMatchObject({ status: 503 });
    expect(shop.stock.get(lamp)).toBe(0);

    await expect(recoverOrders(shop.deps)).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
    shop.around.clear();
    expect(await recoverOrders(shop.deps)).toBe(2);
    expect(shop.stock.get(lamp)).toBe(5);
    expect(await recoverOrders(shop.deps)).toBe(0);
  });

  it("the service does so by itself from its start on, until it is stopped", async () => {
    const shop = await openShop(await open());
    const { lamp } = await dieWhilePlacing(shop, { reserved: true });
    shop.clock.advance(31);
    const work = workOnRecovery(shop.deps, silentLog);
    await vi.waitFor(() => expect(shop.stock.get(lamp)).toBe(5));
    await work.stop();
  });
});
