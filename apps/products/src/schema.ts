import { sql } from "drizzle-orm";
import { bigint, check, pgSchema, text, uuid } from "drizzle-orm/pg-core";

export const productsSchema = pgSchema("products");

/**
 * The catalogue. Ids are UUIDs of version 7 (RFC 9562 §5.7), so the order of ids is the order of creation and a page
 * boundary needs no further column. `priceAmount` counts minor units of `priceCurrency` (ISO 4217).
 */
export const products = productsSchema.table(
  "products",
  {
    id: uuid("id").primaryKey(),
    name: text("name").notNull(),
    priceAmount: bigint("price_amount", { mode: "number" }).notNull(),
    priceCurrency: text("price_currency").notNull(),
  },
  (table) => [
    check("products_price_amount_is_not_negative", sql`${table.priceAmount} >= 0`),
    check("products_price_currency_is_a_code", sql`${table.priceCurrency} ~ '^[A-Z]{3}$'`),
  ],
);
