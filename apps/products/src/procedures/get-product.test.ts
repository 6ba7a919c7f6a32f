import { describeDatabases } from "@countersign/testing";
import { expect, it } from "vitest";
import { migrations } from "../../test/migrations.ts";
import { openProducts } from "../../test/open-products.ts";
import { seedProducts } from "../seed.ts";

describeDatabases("products.get", { migrations }, (open) => {
  it("shows anyone a product", async () => {
    const database = await open();
    await seedProducts(database.db);
    const { anyone } = await openProducts(database);
    const id = "0190a000-0000-7000-8000-000000000003";
    const product = { id, name: "Linen Notebook A5", price: { amount: 1_290, currency: "EUR" } };
    expect(await anyone("get", { id })).toMatchObject({ status: 200, data: product });
  });

  it("refuses an unknown id with NOT_FOUND", async () => {
    const { anyone } = await openProducts(await open());
    const answer = await anyone("get", { id: crypto.randomUUID() });
    expect(answer).toMatchObject({ status: 404, error: { message: "There is no such product." } });
  });
});
