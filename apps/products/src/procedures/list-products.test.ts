import { describeDatabases } from "@countersign/testing";
import { beforeAll, expect, it } from "vitest";
import { migrations } from "../../test/migrations.ts";
import { openProducts, pageShape } from "../../test/open-products.ts";
import { seedProducts } from "../seed.ts";

describeDatabases("products.list", { migrations }, (open) => {
  beforeAll(async () => seedProducts((await open()).db));

  it("shows anyone the catalogue, without being asked for anything in particular", async () => {
    const { anyone } = await openProducts(await open());
    const { data } = await anyone("list");
    const { items, nextCursor } = pageShape.parse(data);
    expect(items).toHaveLength(12);
    expect(nextCursor).toBeNull();
    const price = { amount: 6_900, currency: "EUR" };
    const lamp = { id: "0190a000-0000-7000-8000-000000000001", name: "Ash Desk Lamp", price };
    expect(data).toMatchObject({ items: expect.arrayContaining([lamp]) });
  });

  it("gives every product once, page by page, also when one is added on the way", async () => {
    const { admin, anyone } = await openProducts(await open());
    const all = pageShape.parse((await anyone("list", { limit: 100 })).data).items;
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = pageShape.parse((await anyone("list", { limit: 5, cursor })).data);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
      await admin("create", { name: "Latecomer", price: { amount: 1, currency: "EUR" } });
    } while (cursor !== null && seen.length < 100);
    expect(seen.slice(0, all.length)).toEqual(all.map(({ id }) => id));
    expect(new Set(seen).size).toBe(seen.length);
  });

  it("ends with the last full page", async () => {
    const { anyone } = await openProducts(await open());
    const ids = ["0190a000-0000-7000-8000-000000000001", "0190a000-0000-7000-8000-000000000002"];
    const page = pageShape.parse((await anyone("list", { ids, limit: 2 })).data);
    expect(page.items.map(({ id }) => id)).toEqual(ids);
    expect(page.nextCursor).toBeNull();
  });

  it("shows only the products that were asked for, and none for an unknown id", async () => {
    const { anyone } = await openProducts(await open());
    const known = "0190A000-0000-7000-8000-00000000000C";
    const { data } = await anyone("list", { ids: [known, crypto.randomUUID()] });
    expect(pageShape.parse(data).items).toEqual([{ id: known.toLowerCase(), name: "Oak Filing Box" }]);
  });

  it.each([
    { field: "limit", input: { limit: 0 } },
    { field: "limit", input: { limit: 101 } },
    { field: "cursor", input: { cursor: "' or 1=1 --" } },
    { field: "ids.0", input: { ids: ["1"] } },
  ])("refuses $input", async ({ field, input }) => {
    const { anyone } = await openProducts(await open());
    expect(await anyone("list", input)).toMatchObject({ status: 400, error: { data: { fields: [{ field }] } } });
  });
});
