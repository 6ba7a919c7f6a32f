import { describeDatabases } from "@countersign/testing";
import { expect, it } from "vitest";
import { migrations } from "../../test/migrations.ts";
import { openShop, orderOf } from "../../test/open-shop.ts";

describeDatabases("orders.listAll", { migrations }, (open) => {
  it("shows an admin everybody's orders and whose they are, newest first", async () => {
    const { asUser, product, clock } = await openShop(await open());
    const [alice, bob] = [crypto.randomUUID(), crypto.randomUUID()];
    const lamp = product(5);
    const first = await (await asUser({ id: alice })).orders.place(orderOf(lamp));
    clock.advance(1);
    const second = await (await asUser({ id: bob })).orders.place(orderOf(lamp));
    const items = [
      { id: second.id, userId: bob, items: [{ productId: lamp }] },
      { id: first.id, userId: alice, items: [{ productId: lamp }] },
    ];
    const admin = await asUser({ roles: ["admin"] });
    expect(await admin.orders.listAll({ limit: 2 })).toMatchObject({ items });
  });
});
