import { describeDatabases } from "@countersign/testing";
import { expect, it } from "vitest";
import { migrations } from "../../test/migrations.ts";
import { openShop, orderOf } from "../../test/open-shop.ts";

describeDatabases("orders.list", { migrations }, (open) => {
  it("shows the caller's own orders page by page, newest first", async () => {
    const { asUser, product, clock } = await openShop(await open());
    const [alice, bob, lamp] = [await asUser(), await asUser(), product(50)];
    const placed: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      placed.unshift((await alice.orders.place(orderOf(lamp))).id);
      await bob.orders.place(orderOf(lamp));
      clock.advance(1);
    }
    const first = await alice.orders.list({ limit: 3 });
    const second = await alice.orders.list({ limit: 3, cursor: first.nextCursor });
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(placed);
    expect([first.items.length, second.nextCursor]).toEqual([3, null]);
    expect(first.items[0]).not.toHaveProperty("userId");
  });

  it("leaves out what was never confirmed", async () => {
    const { asUser, product } = await openShop(await open());
    const alice = await asUser();
    await expect(alice.orders.place(orderOf(product(0)))).rejects.toMatchObject({ data: { code: "CONFLICT" } });
    expect(await alice.orders.list()).toEqual({ items: [], nextCursor: null });
  });

  it.each([
    { field: "limit", input: { limit: 101 } },
    { field: "cursor", input: { cursor: "1" } },
  ])("refuses a bad $field", async ({ field, input }) => {
    const { asUser } = await openShop(await open());
    const refused = (await asUser()).orders.list(input);
    await expect(refused).rejects.toMatchObject({ data: { code: "BAD_REQUEST", fields: [{ field }] } });
  });
});
