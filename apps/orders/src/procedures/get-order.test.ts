import { describeDatabases } from "@countersign/testing";
import { expect, it } from "vitest";
import { migrations } from "../../test/migrations.ts";
import { openShop, orderOf } from "../../test/open-shop.ts";
import { orderIdOf } from "../../test/order-id.ts";

describeDatabases("orders.get", { migrations }, (open) => {
  it("shows an order to its owner as it was placed", async () => {
    const { someone, product } = await openShop(await open());
    const alice = someone();
    const placed = await alice("place", orderOf(product(5)));
    expect(await alice("get", { id: orderIdOf(placed) })).toMatchObject({ status: 200, data: placed.data });
  });

  it("answers alike for an order of somebody else, for an admin, and for none at all", async () => {
    const { someone, product } = await openShop(await open());
    const id = orderIdOf(await someone()("place", orderOf(product(5))));
    const missing = { status: 404, error: { message: "There is no such order.", data: { code: "NOT_FOUND" } } };
    expect(await someone()("get", { id })).toMatchObject(missing);
    expect(await someone("admin")("get", { id })).toMatchObject(missing);
    expect(await someone()("get", { id: crypto.randomUUID() })).toMatchObject(missing);
  });
});
