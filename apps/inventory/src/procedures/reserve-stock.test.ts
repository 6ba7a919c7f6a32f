import { describeDatabases } from "@countersign/testing";
import { expect, it } from "vitest";
import { migrations } from "../../test/migrations.ts";
import { openInventory } from "../../test/open-inventory.ts";

describeDatabases("inventory.reserve", { migrations }, (open) => {
  it("takes every item of an order", async () => {
    const { shopper, stock, levelOf } = await openInventory(await open());
    const [lamp, stamp] = [await stock(5), await stock(7)];
    const orderId = crypto.randomUUID();
    const items = [
      { productId: lamp, quantity: 2 },
      { productId: stamp, quantity: 7 },
    ];
    expect(await shopper("reserve", { orderId, items })).toMatchObject({
      status: 200,
      data: { orderId, status: "held" },
    });
    expect(await levelOf(lamp)).toEqual([{ productId: lamp, level: 3 }]);
    expect(await levelOf(stamp)).toEqual([{ productId: stamp, level: 0 }]);
  });

  it("takes nothing when one item is short, and names it", async () => {
    const { shopper, stock, levelOf } = await openInventory(await open());
    const [lamp, stamp, unknown] = [await stock(5), await stock(1), crypto.randomUUID()];
    const items = [lamp, stamp, unknown].map((productId) => ({ productId, quantity: 2 }));
    const answer = await shopper("reserve", { orderId: crypto.randomUUID(), items });
    expect(answer).toMatchObject({ status: 409, error: { data: { code: "CONFLICT" } } });
    expect(answer.error?.message).toBe(`Out of stock: ${stamp}, ${unknown}.`);
    expect(await levelOf(lamp)).toEqual([{ productId: lamp, level: 5 }]);
  });

  it("may be tried again under the same order once there is stock", async () => {
    const { shopper, products, stock, levelOf } = await openInventory(await open());
    const lamp = await stock(0);
    const reservation = { orderId: crypto.randomUUID(), items: [{ productId: lamp, quantity: 1 }] };
    expect(await shopper("reserve", reservation)).toMatchObject({ status: 409 });
    await products("setLevel", { productId: lamp, level: 1 });
    expect(await shopper("reserve", reservation)).toMatchObject({ status: 200 });
    expect(await levelOf(lamp)).toEqual([{ productId: lamp, level: 0 }]);
  });

  it("takes the stock of an order once, however often and at once it is asked", async () => {
    const { shopper, stock, levelOf } = await openInventory(await open());
    const lamp = await stock(50);
    const reservation = { orderId: crypto.randomUUID(), items: [{ productId: lamp, quantity: 3 }] };
    const answers = await Promise.all(Array.from({ length: 10 }, () => shopper("reserve", reservation)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await levelOf(lamp)).toEqual([{ productId: lamp, level: 47 }]);
  });

  it("refuses other items for an order that holds some", async () => {
    const { shopper, stock } = await openInventory(await open());
    const [lamp, orderId] = [await stock(5), crypto.randomUUID()];
    await shopper("reserve", { orderId, items: [{ productId: lamp, quantity: 1 }] });
    const answer = await shopper("reserve", { orderId, items: [{ productId: lamp, quantity: 2 }] });
    expect(answer).toMatchObject({ status: 409, error: { message: "This order holds other items already." } });
  });

  it("is for the user for whom orders calls, and refuses the same order for another", async () => {
    const database = await open();
    const { ordersFor, stock, levelOf } = await openInventory(database);
    const [lamp, orderId] = [await stock(5), crypto.randomUUID()];
    const reservation = { orderId, items: [{ productId: lamp, quantity: 1 }] };
    expect(await ordersFor("alice")("reserve", reservation)).toMatchObject({ status: 200 });
    const rows = await database.query("select user_id from inventory.reservations where order_id = $1", [orderId]);
    expect(rows).toEqual([{ user_id: "alice" }]);
    const answer = await ordersFor("bob")("reserve", reservation);
    expect(answer).toMatchObject({ status: 409, error: { message: "This order is not this user's." } });
    expect(await levelOf(lamp)).toEqual([{ productId: lamp, level: 4 }]);
  });

  it("refuses orders without a user", async () => {
    const { orders, stock, levelOf } = await openInventory(await open());
    const lamp = await stock(5);
    const reservation = { orderId: crypto.randomUUID(), items: [{ productId: lamp, quantity: 1 }] };
    expect(await orders("reserve", reservation)).toMatchObject({ status: 403 });
    expect(await levelOf(lamp)).toEqual([{ productId: lamp, level: 5 }]);
  });

  it("refuses an order that was released, also when the release came first", async () => {
    const { shopper, orders, stock, levelOf } = await openInventory(await open());
    const [lamp, orderId] = [await stock(5), crypto.randomUUID()];
    await orders("release", { orderId });
    const answer = await shopper("reserve", { orderId, items: [{ productId: lamp, quantity: 1 }] });
    expect(answer).toMatchObject({ status: 409, error: { message: "The stock of this order was released already." } });
    expect(await levelOf(lamp)).toEqual([{ productId: lamp, level: 5 }]);
  });

  it("takes an id in any case for the same product, and refuses to have it twice", async () => {
    const { shopper, stock, levelOf } = await openInventory(await open());
    const lamp = await stock(5);
    const shouted = { productId: lamp.toUpperCase(), quantity: 1 };
    expect(await shopper("reserve", { orderId: crypto.randomUUID(), items: [shouted] })).toMatchObject({ status: 200 });
    expect(await levelOf(lamp)).toEqual([{ productId: lamp, level: 4 }]);
    const twice = { orderId: crypto.randomUUID(), items: [shouted, { productId: lamp, quantity: 1 }] };
    const fields = [{ field: "items", problem: "Each product may be named once." }];
    expect(await shopper("reserve", twice)).toMatchObject({ status: 400, error: { data: { fields } } });
  });

  it("never sells more than there is under 100 parallel reservations of the same products", async () => {
    const { shopper, stock, levelOf } = await openInventory(await open());
    const [lamp, stamp] = [await stock(90), await stock(1_000)];
    const both = [
      { productId: lamp, quantity: 2 },
      { productId: stamp, quantity: 3 },
    ];
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => {
        const items = index % 2 === 0 ? both : both.toReversed(); // in opposite orders, to provoke a deadlock
        return shopper("reserve", { orderId: crypto.randomUUID(), items });
      }),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(45);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(55);
    expect(await levelOf(lamp)).toEqual([{ productId: lamp, level: 0 }]);
    expect(await levelOf(stamp)).toEqual([{ productId: stamp, level: 1_000 - 45 * 3 }]);
  });

  it("is held by the database itself not to go below zero", async () => {
    const database = await open();
    const lamp = await (await openInventory(database)).stock(1);
    const update = database.query("update inventory.levels set level = -1 where product_id = $1", [lamp]);
    await expect(update).rejects.toThrow("levels_level_is_not_negative");
  });
});
