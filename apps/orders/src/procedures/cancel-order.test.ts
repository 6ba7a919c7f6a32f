import { describeDatabases } from "@countersign/testing";
import { expect, it } from "vitest";
import { migrations } from "../../test/migrations.ts";
import { openShop, orderOf } from "../../test/open-shop.ts";
import { orderIdOf } from "../../test/order-id.ts";

describeDatabases("orders.cancel", { migrations }, (open) => {
  it("releases the stock once, however often and at once it is asked", async () => {
    const { someone, product, stock, steps } = await openShop(await open());
    const [alice, lamp] = [someone(), product(5)];
    const id = orderIdOf(await alice("place", orderOf(lamp, 4)));
    const answers = await Promise.all(Array.from({ length: 5 }, () => alice("cancel", { id })));
    for (const answer of answers) expect(answer).toMatchObject({ status: 200, data: { id, status: "cancelled" } });
    expect(stock.get(lamp)).toBe(5);
    expect(steps.filter((step) => step === "inventory.release")).toHaveLength(1);
  });

  it("leaves the order in the list, and a repeat of its key places nothing", async () => {
    const { someone, product, stock } = await openShop(await open());
    const [alice, lamp] = [someone(), product(5)];
    const order = orderOf(lamp);
    const id = orderIdOf(await alice("place", order));
    const cancelled = { id, status: "cancelled" };
    await alice("cancel", { id });
    expect(await alice("list")).toMatchObject({ data: { items: [cancelled] } });
    expect(await alice("place", order)).toMatchObject({ status: 200, data: cancelled });
    expect(stock.get(lamp)).toBe(5);
  });

  it("answers NOT_FOUND for an order of somebody else and changes nothing", async () => {
    const { someone, product, stock } = await openShop(await open());
    const [alice, lamp] = [someone(), product(5)];
    const id = orderIdOf(await alice("place", orderOf(lamp)));
    expect(await someone()("cancel", { id })).toMatchObject({ status: 404 });
    expect(await someone()("cancel", { id: crypto.randomUUID() })).toMatchObject({ status: 404 });
    expect(await alice("get", { id })).toMatchObject({ data: { status: "confirmed" } });
    expect(stock.get(lamp)).toBe(4);
  });
});
