import { z } from "zod";
import { uuid } from "./order.ts";

/**
 * What a caller asks for. The limits keep every total an exact integer: 50 items of 1,000 units at the highest price of
 * a product stay below 2^53.
 */
export const basket = z
  .array(z.object({ productId: uuid, quantity: z.int().min(1).max(1_000) }))
  .min(1)
  .max(50);

/** How many of which product; each product once, in the order of the ids. */
export type Basket = readonly { readonly productId: string; readonly quantity: number }[];

/** Adds up the quantities of a product that was named more than once, and sorts: one basket, one spelling. */
export function mergeBasket(items: z.infer<typeof basket>): Basket {
  const quantities = new Map<string, number>();
  for (const { productId, quantity } of items) {
    quantities.set(productId, (quantities.get(productId) ?? 0) + quantity);
  }
  return [...quantities]
    .map(([productId, quantity]) => ({ productId, quantity }))
    .toSorted((a, b) => (a.productId < b.productId ? -1 : 1));
}

/** The canonical spelling of a merged basket, by which two requests under one idempotency key are told apart. */
export function spellBasket(items: Basket): string {
  return items.map(({ productId, quantity }) => `${quantity}x${productId}`).join(" ");
}
