import { describeDatabases } from "@countersign/testing";
import { expect, it } from "vitest";
import { migrations } from "../../test/migrations.ts";
import { openInventory } from "../../test/open-inventory.ts";

describeDatabases("inventory.levels", { migrations }, (open) => {
  it("answers in the order asked, with 0 for a product that nobody stocked", async () => {
    const { orders, products, stock } = await openInventory(await open());
    const [unknown, lamp, stamp] = [crypto.randomUUID(), await stock(3), await stock(8)];
    const levels = [
      { productId: stamp, level: 8 },
      { productId: unknown, level: 0 },
      { productId: lamp, level: 3 },
    ];
    const input = { productIds: [stamp, unknown, lamp] };
    expect(await orders("levels", input)).toMatchObject({ status: 200, data: levels });
    expect(await products("levels", input)).toMatchObject({ status: 200, data: levels });
  });
});
