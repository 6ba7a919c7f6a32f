import { delegatedProcedure, publicProcedure, Refusal, router, serviceProcedure } from "@countersign/context";
import type { InventoryRouter } from "@countersign/inventory/router";
import type { ProductsRouter } from "@countersign/products/router";
import { createServiceApp } from "@countersign/service";
import { createTestChassis, type FakeClock, type InProcessApp, type TestIssuer } from "@countersign/testing";
import type { inferRouterOutputs } from "@trpc/server";
import { z } from "zod";

type Product = inferRouterOutputs<ProductsRouter>["get"];
type Reserved = inferRouterOutputs<InventoryRouter>["reserve"];
type Released = inferRouterOutputs<InventoryRouter>["release"];
type Step = "products.list" | "inventory.reserve" | "inventory.release";

/** What happens around a step at a peer; rejecting makes the peer fail, before or after it did its work. */
type Around = { readonly before?: () => Promise<void>; readonly after?: () => Promise<void> };

const order = z.object({ orderId: z.string() });
const reservation = order.extend({ items: z.array(z.object({ productId: z.string(), quantity: z.number() })) });

/** Products and inventory in memory, with the contract of the real ones, as far as orders uses it. */
export function createPeers(issuer: TestIssuer, { now }: FakeClock) {
  const catalogue = new Map<string, Product>();
  const stock = new Map<string, number>();
  const held = new Map<string, z.output<typeof reservation>["items"] | "released">();
  const steps: Step[] = [];
  const around = new Map<Step, Around>();

  async function during<Result>(step: Step, work: () => Result): Promise<Result> {
    steps.push(step);
    const { before, after } = around.get(step) ?? {};
    await before?.();
    const result = work();
    await after?.();
    return result;
  }

  function reserve({ orderId, items }: z.output<typeof reservation>): Reserved {
    if (held.get(orderId) === "released")
      throw new Refusal("CONFLICT", "The stock of this order was released already.");
    if (!held.has(orderId)) {
      const short = items.filter(({ productId, quantity }) => (stock.get(productId) ?? 0) < quantity);
      const named = short.map(({ productId }) => productId).join(", ");
      if (short.length > 0) throw new Refusal("CONFLICT", `Out of stock: ${named}.`);
      for (const { productId, quantity } of items) stock.set(productId, (stock.get(productId) ?? 0) - quantity);
      held.set(orderId, items);
    }
    return { orderId, status: "held" };
  }

  function release({ orderId }: z.output<typeof order>): Released {
    const items = held.get(orderId) ?? "released";
    held.set(orderId, "released");
    if (items === "released") return { orderId, status: "released" };
    for (const { productId, quantity } of items) stock.set(productId, (stock.get(productId) ?? 0) + quantity);
    return { orderId, status: "released" };
  }

  const products = router({
    list: publicProcedure
      .input(z.object({ ids: z.array(z.string()), limit: z.number() }))
      .query(({ input: { ids } }) =>
        during("products.list", () => ({ items: ids.flatMap((id) => catalogue.get(id) ?? []), nextCursor: null })),
      ),
  });
  const inventory = router({
    reserve: delegatedProcedure("orders")
      .input(reservation)
      .mutation(({ input }) => during("inventory.reserve", () => reserve(input))),
    release: serviceProcedure("orders")
      .input(order)
      .mutation(({ input }) => during("inventory.release", () => release(input))),
  });

  const productsApp: InProcessApp = createServiceApp(createTestChassis("products", { issuer, now }), products);
  const inventoryApp: InProcessApp = createServiceApp(createTestChassis("inventory", { issuer, now }), inventory);
  return { catalogue, stock, steps, around, reserve, productsApp, inventoryApp };
}
