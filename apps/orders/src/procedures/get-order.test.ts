import { describeDatabases } from "@countersign/testing";
import { expect, it } from "vitest";
import { migrations } from "../../test/migrations.ts";
import { openShop, orderOf } from "../../test/open-shop.ts";

describeDatabases("orders.get", { migrations }, (open) => {
  it("shows an order to its owner as it was placed", async () => {
    const { asUser, product } = await openShop(await open());
    const alice = await asUser();
    const placed = await alice.orders.place(orderOf(product(5)));
    expect(await alice.orders.get({ id: placed.id })).toEqual(placed);
  });

  it("answers alike for an order of somebody else, for an admin, and for none at all", async () => {
    const { asUser, product } = await openShop(await open());
    const [alice, bob, admin] = [await asUser(), await asUser(), await asUser({ roles: ["admin"] })];
    const { id } = await alice.orders.place(orderOf(product(5)));
    const missing = { message: "There is no such order.", data: { code: "NOT_FOUND", httpStatus: 404 } };
    await expect(bob.orders.get({ id })).rejects.toMatchObject(missing);
    await expect(admin.orders.get({ id })).rejects.toMatchObject(missing);
    await expect(alice.orders.get({ id: crypto.randomUUID() })).rejects.toMatchObject(missing);
  });

  it("shows it to no service, neither for itself nor to one through which somebody else asks", async () => {
    const { asUser, asService, asUserVia, product } = await openShop(await open());
    const { id } = await (await asUser()).orders.place(orderOf(product(5)));
    for (const caller of [asService("products"), asUserVia("products")]) {
      await expect(caller.orders.get({ id })).rejects.toMatchObject({ data: { code: "FORBIDDEN" } });
    }
  });
});
