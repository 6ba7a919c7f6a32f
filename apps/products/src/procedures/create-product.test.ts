import { Refusal } from "@countersign/context";
import { describeDatabases } from "@countersign/testing";
import { expect, it } from "vitest";
import { migrations } from "../../test/migrations.ts";
import { openProducts, pageShape, productShape } from "../../test/open-products.ts";

const refuseEverything = () => Promise.reject(new Refusal("SERVICE_UNAVAILABLE"));
const price = { amount: 2_500, currency: "EUR" };

describeDatabases("products.create", { migrations }, (open) => {
  it("adds a product and sets its first level at inventory", async () => {
    const { admin, anyone, calls } = await openProducts(await open());
    const { data } = await admin("create", { name: "  Kite ", price, stock: 12 });
    const { id } = productShape.parse(data);
    expect(data).toEqual({ id, name: "Kite", price });
    expect(calls).toMatchObject([{ callee: "inventory", path: "setLevel", input: { productId: id, level: 12 } }]);
    expect(await anyone("get", { id })).toMatchObject({ status: 200, data: { id, name: "Kite", price } });
  });

  it("asks inventory for nothing when no stock is given", async () => {
    const { admin, calls } = await openProducts(await open());
    expect(await admin("create", { name: "Drawing", price })).toMatchObject({ status: 200 });
    expect(calls).toEqual([]);
  });

  it("adds nothing when inventory cannot be reached", async () => {
    const { admin, anyone } = await openProducts(await open(), { call: refuseEverything });
    expect(await admin("create", { name: "Ghost", price, stock: 1 })).toMatchObject({ status: 503 });
    const { items } = pageShape.parse((await anyone("list", { limit: 100 })).data);
    expect(items.map(({ name }) => name)).not.toContain("Ghost");
  });

  it.each([
    { field: "name", input: { name: "  ", price } },
    { field: "name", input: { name: "a\u0000b", price } },
    { field: "name", input: { name: "a".repeat(201), price } },
    { field: "price.amount", input: { name: "Kite", price: { amount: -1, currency: "EUR" } } },
    { field: "stock", input: { name: "Kite", price, stock: -1 } },
  ])("refuses a bad $field", async ({ field, input }) => {
    const { admin } = await openProducts(await open());
    expect(await admin("create", input)).toMatchObject({ status: 400, error: { data: { fields: [{ field }] } } });
  });
});
