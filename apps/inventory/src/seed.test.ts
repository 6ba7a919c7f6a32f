import { describeDatabases } from "@countersign/testing";
import { expect, it } from "vitest";
import { migrations } from "../test/migrations.ts";
import { openInventory } from "../test/open-inventory.ts";
import { seedInventory } from "./seed.ts";

describeDatabases("the seed of inventory", { migrations }, (open) => {
  it("puts stock in once and leaves what is there alone", async () => {
    const database = await open();
    const { products, levelOf } = await openInventory(database);
    const productId = "0190a000-0000-7000-8000-000000000001";
    await seedInventory(database.db);
    expect(await levelOf(productId)).toEqual([{ productId, level: 120 }]);
    await products("setLevel", { productId, level: 7 });
    await seedInventory(database.db);
    expect(await levelOf(productId)).toEqual([{ productId, level: 7 }]);
  });
});
