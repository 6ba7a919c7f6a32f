import { describeDatabases } from "@countersign/testing";
import { expect, it } from "vitest";
import { migrations } from "../../test/migrations.ts";
import { openProducts } from "../../test/open-products.ts";
import { seedProducts } from "../seed.ts";

const id = "0190a000-0000-7000-8000-000000000003";

describeDatabases("products.setPrice", { migrations }, (open) => {
  it("changes a price, and a later seed does not change it back", async () => {
    const database = await open();
    await seedProducts(database.db);
    const { admin, anyone } = await openProducts(database);
    const price = { amount: 1_490, currency: "CHF" };
    expect(await admin("setPrice", { id, price })).toMatchObject({ status: 200, data: { id, price } });
    await seedProducts(database.db);
    expect(await anyone("get", { id })).toMatchObject({ data: { id, price } });
  });

  it("refuses an unknown product with NOT_FOUND and a price that is none with BAD_REQUEST", async () => {
    const { admin } = await openProducts(await open());
    const price = { amount: 1_490, currency: "EUR" };
    expect(await admin("setPrice", { id: crypto.randomUUID(), price })).toMatchObject({ status: 404 });
    const answer = await admin("setPrice", { id, price: { amount: 14.9, currency: "EURO" } });
    const fields = [{ field: "price.amount" }, { field: "price.currency" }];
    expect(answer).toMatchObject({ status: 400, error: { data: { fields } } });
  });
});
