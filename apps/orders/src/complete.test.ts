import { describeDatabases } from "@countersign/testing";
import { expect, it } from "vitest";
import { migrations } from "../test/migrations.ts";
import { breakDown, openShop, orderOf } from "../test/open-shop.ts";
import { orderIdOf } from "../test/order-id.ts";

describeDatabases("an order that meets a failure", { migrations }, (open, { kind }) => {
  it("is placed by a repeat when products could not be reached at first", async () => {
    const { someone, product, around, stock } = await openShop(await open());
    const [alice, lamp] = [someone(), product(5)];
    const order = orderOf(lamp);
    around.set("products.list", { before: breakDown });
    expect(await alice("place", order)).toMatchObject({
      status: 503,
      error: { data: { code: "SERVICE_UNAVAILABLE" } },
    });
    around.clear();
    expect(await alice("place", order)).toMatchObject({ status: 200 });
    expect(stock.get(lamp)).toBe(4);
  });

  it("gives back what inventory reserved without managing to say so, and is placed once by a repeat", async () => {
    const { someone, product, around, stock } = await openShop(await open());
    const [alice, lamp] = [someone(), product(5)];
    const order = orderOf(lamp, 2);
    around.set("inventory.reserve", { after: breakDown });
    expect(await alice("place", order)).toMatchObject({ status: 503 });
    expect(stock.get(lamp)).toBe(5);
    expect(await alice("list")).toMatchObject({ data: { items: [] } });
    around.clear();
    expect(await alice("place", order)).toMatchObject({ status: 200 });
    expect(stock.get(lamp)).toBe(3);
  });

  it("gives back what was reserved when it cannot be confirmed", async () => {
    const { someone, product, catalogue, stock, steps } = await openShop(await open());
    const [alice, lamp] = [someone(), product(5)];
    const price = { amount: 100, currency: "EUR" };
    catalogue.set(lamp, { id: lamp, name: "no text column takes \u0000", price });
    const answer = await alice("place", orderOf(lamp, 2));
    expect(answer).toMatchObject({ status: 500, error: { message: "Something went wrong on our side." } });
    expect(steps).toEqual(["products.list", "inventory.reserve", "inventory.release"]);
    expect(stock.get(lamp)).toBe(5);
  });

  it("holds no database transaction open while a call is out", async () => {
    const database = await open();
    const { someone, product, around, steps } = await openShop(database);
    const idle =
      "select pid from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'";
    // On PGlite, whose transactions exclude everything else, asking at all would wait for ever.
    const before = async (): Promise<void> => expect(await database.query(idle)).toEqual([]);
    for (const step of ["products.list", "inventory.reserve", "inventory.release"] as const)
      around.set(step, { before });
    const alice = someone();
    const id = orderIdOf(await alice("place", orderOf(product(5))));
    expect(await alice("cancel", { id })).toMatchObject({ status: 200 });
    expect(steps).toEqual(["products.list", "inventory.reserve", "inventory.release"]);
  });

  it("is confirmed or given up, never both, when requests under its key run into each other", async () => {
    const { someone, product, around, stock } = await openShop(await open());
    const [alice, lamp] = [someone(), product(kind === "pglite" ? 20 : 50)];
    const before = stock.get(lamp) ?? 0;
    let asked = 0;
    around.set("inventory.reserve", { after: async () => (asked++ % 3 === 0 ? breakDown() : undefined) });
    const order = orderOf(lamp, 2);
    const answers = await Promise.all(Array.from({ length: 12 }, () => alice("place", order)));
    for (const { status } of answers) expect([200, 503]).toContain(status);
    around.clear();
    const settled = await alice("place", order);
    expect(settled).toMatchObject({ status: 200, data: { status: "confirmed" } });
    const placed = answers.filter(({ status }) => status === 200);
    expect(placed.map(({ data }) => data)).toEqual(placed.map(() => settled.data));
    expect(stock.get(lamp)).toBe(before - 2);
    expect(await alice("list")).toMatchObject({ data: { items: [settled.data] } });
  });
});
