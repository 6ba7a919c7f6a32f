import { describeDatabases } from "@countersign/testing";
import { expect, it } from "vitest";
import { migrations } from "../../test/migrations.ts";
import { openShop, orderOf } from "../../test/open-shop.ts";
import { orderIdOf } from "../../test/order-id.ts";

describeDatabases("orders.listAll", { migrations }, (open) => {
  it("shows an admin everybody's orders and whose they are, newest first", async () => {
    const { someone, product, clock } = await openShop(await open());
    const [alice, bob] = [crypto.randomUUID(), crypto.randomUUID()];
    const lamp = product(5);
    const first = orderIdOf(await someone("user", alice)("place", orderOf(lamp)));
    clock.advance(1);
    const second = orderIdOf(await someone("user", bob)("place", orderOf(lamp)));
    const items = [
      { id: second, userId: bob, items: [{ productId: lamp }] },
      { id: first, userId: alice, items: [{ productId: lamp }] },
    ];
    const answer = await someone("admin")("listAll", { limit: 2 });
    expect(answer).toMatchObject({ status: 200, data: { items } });
  });
});
