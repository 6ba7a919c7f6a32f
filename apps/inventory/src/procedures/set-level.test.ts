import { describeDatabases } from "@countersign/testing";
import { expect, it } from "vitest";
import { migrations } from "../../test/migrations.ts";
import { openInventory } from "../../test/open-inventory.ts";

describeDatabases("inventory.setLevel", { migrations }, (open) => {
  it("sets the level of a new product and of a known one", async () => {
    const { products, levelOf } = await openInventory(await open());
    const productId = crypto.randomUUID();
    for (const level of [5, 2]) {
      expect(await products("setLevel", { productId, level })).toMatchObject({
        status: 200,
        data: { productId, level },
      });
      expect(await levelOf(productId)).toEqual([{ productId, level }]);
    }
  });

  it.each([-1, 0.5, 1_000_000_001])("refuses the level %d", async (level) => {
    const { products } = await openInventory(await open());
    const answer = await products("setLevel", { productId: crypto.randomUUID(), level });
    expect(answer).toMatchObject({ status: 400, error: { data: { fields: [{ field: "level" }] } } });
  });
});
