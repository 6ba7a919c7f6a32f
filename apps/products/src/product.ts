import { z } from "zod";
import type { Money } from "./money.ts";
import type { products } from "./schema.ts";

/** An id in the one spelling that the database gives back, so that ids can be compared as text. */
export const uuid = z.uuid().toLowerCase();

/** A product as everyone sees it. */
export type Product = { readonly id: string; readonly name: string; readonly price: Money };

export function toProduct(row: typeof products.$inferSelect): Product {
  return { id: row.id, name: row.name, price: { amount: row.priceAmount, currency: row.priceCurrency } };
}
