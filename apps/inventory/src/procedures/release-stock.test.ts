import { describeDatabases } from "@countersign/testing";
import { expect, it } from "vitest";
import { migrations } from "../../test/migrations.ts";
import { openInventory } from "../../test/open-inventory.ts";

describeDatabases("inventory.release", { migrations }, (open) => {
  it("gives back what an order holds, once, however often and at once it is asked", async () => {
    const { shopper, orders, stock, levelOf } = await openInventory(await open());
    const [lamp, orderId] = [await stock(5), crypto.randomUUID()];
    await shopper("reserve", { orderId, items: [{ productId: lamp, quantity: 4 }] });
    const answers = await Promise.all(Array.from({ length: 10 }, () => orders("release", { orderId })));
    for (const answer of answers) expect(answer).toMatchObject({ status: 200, data: { orderId, status: "released" } });
    expect(await levelOf(lamp)).toEqual([{ productId: lamp, level: 5 }]);
  });

  it("answers the same for an order that never reserved", async () => {
    const { orders } = await openInventory(await open());
    const orderId = crypto.randomUUID();
    expect(await orders("release", { orderId })).toMatchObject({ status: 200, data: { orderId, status: "released" } });
  });

  it("sums up with reservations that go on beside it", async () => {
    const { shopper, orders, stock, levelOf } = await openInventory(await open());
    const [lamp, stamp] = [await stock(40), await stock(40)];
    const items = [lamp, stamp].map((productId) => ({ productId, quantity: 1 }));
    await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const orderId = crypto.randomUUID();
        await shopper("reserve", { orderId, items: index % 2 === 0 ? items : items.toReversed() });
        await orders("release", { orderId });
      }),
    );
    expect(await levelOf(lamp)).toEqual([{ productId: lamp, level: 40 }]);
    expect(await levelOf(stamp)).toEqual([{ productId: stamp, level: 40 }]);
  });
});
