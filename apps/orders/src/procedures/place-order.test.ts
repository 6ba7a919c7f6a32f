import { describeDatabases } from "@countersign/testing";
import { expect, it } from "vitest";
import { migrations } from "../../test/migrations.ts";
import { openShop, orderOf } from "../../test/open-shop.ts";

const bought = (productId: string, quantity: number, amount: number): unknown =>
  expect.objectContaining({ productId, name: `Product ${productId}`, quantity, price: { amount, currency: "EUR" } });

describeDatabases("orders.place", { migrations }, (open) => {
  it("places an order at the prices of now, with its stock reserved", async () => {
    const { someone, product, clock, stock } = await openShop(await open());
    const [lamp, stamp] = [product(5, { amount: 6_900, currency: "EUR" }), product(5, { amount: 50, currency: "EUR" })];
    const items = [
      { productId: lamp, quantity: 2 },
      { productId: stamp, quantity: 3 },
    ];
    const answer = await someone()("place", { items, idempotencyKey: "first" });
    const total = { amount: 2 * 6_900 + 3 * 50, currency: "EUR" };
    const placedAt = new Date(clock.now()).toISOString();
    expect(answer).toMatchObject({
      status: 200,
      data: { id: expect.any(String), status: "confirmed", total, placedAt },
    });
    expect(answer.data).toMatchObject({
      items: expect.arrayContaining([bought(lamp, 2, 6_900), bought(stamp, 3, 50)]),
    });
    expect([stock.get(lamp), stock.get(stamp)]).toEqual([3, 2]);
  });

  it("adds up a product that is named twice", async () => {
    const { someone, product, stock } = await openShop(await open());
    const lamp = product(5);
    const items = [
      { productId: lamp, quantity: 2 },
      { productId: lamp.toUpperCase(), quantity: 2 },
    ];
    const { data } = await someone()("place", { items, idempotencyKey: "twice" });
    expect(data).toMatchObject({
      items: [{ productId: lamp, quantity: 4 }],
      total: { amount: 4_000, currency: "EUR" },
    });
    expect(stock.get(lamp)).toBe(1);
  });

  it("answers a repeat of the key with the same order, whatever the prices are by then", async () => {
    const { someone, product, catalogue, stock, steps } = await openShop(await open());
    const [alice, lamp] = [someone(), product(5)];
    const order = orderOf(lamp, 2);
    const first = await alice("place", order);
    catalogue.set(lamp, { id: lamp, name: "Dear", price: { amount: 9_999, currency: "EUR" } });
    const second = await alice("place", order);
    expect(second.data).toEqual(first.data);
    expect(stock.get(lamp)).toBe(3);
    expect(steps).toEqual(["products.list", "inventory.reserve"]);
  });

  it("places one order for ten requests at once under one key", async () => {
    const { someone, product, stock } = await openShop(await open());
    const [alice, lamp] = [someone(), product(50)];
    const order = orderOf(lamp, 2);
    const answers = await Promise.all(Array.from({ length: 10 }, () => alice("place", order)));
    const [first] = answers;
    for (const answer of answers) expect(answer).toMatchObject({ status: 200, data: first?.data });
    expect(stock.get(lamp)).toBe(48);
    expect(await alice("list")).toMatchObject({ data: { items: [first?.data], nextCursor: null } });
  });

  it("keeps the keys of two users apart", async () => {
    const { someone, product, stock } = await openShop(await open());
    const lamp = product(5);
    const order = orderOf(lamp);
    const [one, other] = [await someone()("place", order), await someone()("place", order)];
    expect([one.status, other.status]).toEqual([200, 200]);
    expect(one.data).not.toEqual(other.data);
    expect(stock.get(lamp)).toBe(3);
  });

  it("refuses the same key for other items with CONFLICT", async () => {
    const { someone, product, stock } = await openShop(await open());
    const [alice, lamp] = [someone(), product(5)];
    const order = orderOf(lamp);
    await alice("place", order);
    const answer = await alice("place", { ...order, items: [{ productId: lamp, quantity: 2 }] });
    const data = { code: "CONFLICT", fields: [{ field: "idempotencyKey" }] };
    expect(answer).toMatchObject({
      status: 409,
      error: { message: "This idempotency key was used for another order.", data },
    });
    expect(stock.get(lamp)).toBe(4);
  });

  it("refuses what is out of stock with CONFLICT, names it, and says the same to a repeat", async () => {
    const { someone, product, stock } = await openShop(await open());
    const [alice, lamp, stamp] = [someone(), product(5), product(1)];
    const items = [lamp, stamp].map((productId) => ({ productId, quantity: 2 }));
    const order = { items, idempotencyKey: crypto.randomUUID() };
    const refused = {
      status: 409,
      error: { message: `Out of stock: ${stamp}.`, data: { fields: [{ field: "items" }] } },
    };
    expect(await alice("place", order)).toMatchObject(refused);
    stock.set(stamp, 100);
    expect(await alice("place", order)).toMatchObject(refused);
    expect([stock.get(lamp), stock.get(stamp)]).toEqual([5, 100]);
    expect(await alice("place", { ...order, idempotencyKey: crypto.randomUUID() })).toMatchObject({ status: 200 });
  });

  it("refuses an unknown product with NOT_FOUND and two currencies with BAD_REQUEST", async () => {
    const { someone, product, stock } = await openShop(await open());
    const unknown = crypto.randomUUID();
    const message = `There is no product ${unknown}.`;
    expect(await someone()("place", orderOf(unknown))).toMatchObject({ status: 404, error: { message } });

    const [lamp, kite] = [product(5), product(5, { amount: 900, currency: "JPY" })];
    const items = [lamp, kite].map((productId) => ({ productId, quantity: 1 }));
    const answer = await someone()("place", { items, idempotencyKey: "mixed" });
    expect(answer).toMatchObject({
      status: 400,
      error: { data: { code: "BAD_REQUEST", fields: [{ field: "items" }] } },
    });
    expect([stock.get(lamp), stock.get(kite)]).toEqual([5, 5]);
  });

  it.each([
    { field: "items", input: { items: [], idempotencyKey: "key" } },
    { field: "items.0.quantity", input: { ...orderOf(crypto.randomUUID(), 0), idempotencyKey: "key" } },
    { field: "items.0.quantity", input: { ...orderOf(crypto.randomUUID(), 1_001), idempotencyKey: "key" } },
    { field: "items.0.productId", input: { ...orderOf("1"), idempotencyKey: "key" } },
    { field: "idempotencyKey", input: { ...orderOf(crypto.randomUUID()), idempotencyKey: "" } },
    { field: "idempotencyKey", input: { ...orderOf(crypto.randomUUID()), idempotencyKey: "a\u0000b" } },
  ])("refuses a bad $field", async ({ field, input }) => {
    const { someone } = await openShop(await open());
    expect(await someone()("place", input)).toMatchObject({ status: 400, error: { data: { fields: [{ field }] } } });
  });
});
