import { describeDatabases } from "@countersign/testing";
import { expect, it } from "vitest";
import { migrations } from "../../test/migrations.ts";
import { openShop, orderOf } from "../../test/open-shop.ts";

const notFound = { data: { code: "NOT_FOUND", httpStatus: 404 } };

describeDatabases("orders.cancel", { migrations }, (open) => {
  it("releases the stock once, however often and at once it is asked", async () => {
    const { asUser, product, stock, steps } = await openShop(await open());
    const [alice, lamp] = [await asUser(), product(5)];
    const { id } = await alice.orders.place(orderOf(lamp, 4));
    const answers = await Promise.all(Array.from({ length: 5 }, () => alice.orders.cancel({ id })));
    for (const answer of answers) expect(answer).toMatchObject({ id, status: "cancelled" });
    expect(stock.get(lamp)).toBe(5);
    expect(steps.filter((step) => step === "inventory.release")).toHaveLength(1);
  });

  it("leaves the order in the list, and a repeat of its key places nothing", async () => {
    const { asUser, product, stock } = await openShop(await open());
    const [alice, lamp] = [await asUser(), product(5)];
    const order = orderOf(lamp);
    const { id } = await alice.orders.place(order);
    const cancelled = { id, status: "cancelled" };
    await alice.orders.cancel({ id });
    expect(await alice.orders.list()).toMatchObject({ items: [cancelled] });
    expect(await alice.orders.place(order)).toMatchObject(cancelled);
    expect(stock.get(lamp)).toBe(5);
  });

  it("answers NOT_FOUND for an order of somebody else and changes nothing", async () => {
    const { asUser, product, stock } = await openShop(await open());
    const [alice, bob, lamp] = [await asUser(), await asUser(), product(5)];
    const { id } = await alice.orders.place(orderOf(lamp));
    await expect(bob.orders.cancel({ id })).rejects.toMatchObject(notFound);
    await expect(bob.orders.cancel({ id: crypto.randomUUID() })).rejects.toMatchObject(notFound);
    expect(await alice.orders.get({ id })).toMatchObject({ status: "confirmed" });
    expect(stock.get(lamp)).toBe(4);
  });
});
