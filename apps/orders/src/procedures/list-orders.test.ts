import { describeDatabases } from "@countersign/testing";
import { expect, it } from "vitest";
import { z } from "zod";
import { migrations } from "../../test/migrations.ts";
import { openShop, orderOf } from "../../test/open-shop.ts";
import { orderIdOf } from "../../test/order-id.ts";

const page = z.object({ items: z.array(z.looseObject({ id: z.string() })), nextCursor: z.string().nullable() });

describeDatabases("orders.list", { migrations }, (open) => {
  it("shows the caller's own orders page by page, newest first", async () => {
    const { someone, product, clock } = await openShop(await open());
    const [alice, lamp] = [someone(), product(50)];
    const placed: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      placed.unshift(orderIdOf(await alice("place", orderOf(lamp))));
      await someone()("place", orderOf(lamp));
      clock.advance(1);
    }
    const first = page.parse((await alice("list", { limit: 3 })).data);
    const second = page.parse((await alice("list", { limit: 3, cursor: first.nextCursor })).data);
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(placed);
    expect([first.items.length, second.nextCursor]).toEqual([3, null]);
    expect(first.items[0]).not.toHaveProperty("userId");
  });

  it("leaves out what was never confirmed", async () => {
    const { someone, product } = await openShop(await open());
    const alice = someone();
    await alice("place", orderOf(product(0)));
    expect(await alice("list")).toMatchObject({ status: 200, data: { items: [], nextCursor: null } });
  });

  it.each([
    { field: "limit", input: { limit: 101 } },
    { field: "cursor", input: { cursor: "1" } },
  ])("refuses a bad $field", async ({ field, input }) => {
    const { someone } = await openShop(await open());
    expect(await someone()("list", input)).toMatchObject({ status: 400, error: { data: { fields: [{ field }] } } });
  });
});
