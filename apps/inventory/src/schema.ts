import { sql } from "drizzle-orm";
import { bigint, check, pgSchema, primaryKey, text, uuid } from "drizzle-orm/pg-core";

export const inventorySchema = pgSchema("inventory");

/** Units of each product that nobody has reserved. A product without a row has none. */
export const levels = inventorySchema.table(
  "levels",
  {
    productId: uuid("product_id").primaryKey(),
    level: bigint("level", { mode: "number" }).notNull(),
  },
  (table) => [check("levels_level_is_not_negative", sql`${table.level} >= 0`)],
);

/**
 * What became of each order's stock. A released order keeps its row, so that a reservation that arrives late (a retry,
 * a slow network) is refused and cannot take stock for an order that nobody will finish.
 */
export const reservations = inventorySchema.table(
  "reservations",
  {
    orderId: uuid("order_id").primaryKey(),
    /** For whom the stock was reserved; null where the release came first. */
    userId: text("user_id"),
    status: text("status", { enum: ["held", "released"] }).notNull(),
  },
  (table) => [check("reservations_status_is_known", sql`${table.status} in ('held', 'released')`)],
);

/** How many units of which product a reservation took. */
export const reservedItems = inventorySchema.table(
  "reserved_items",
  {
    orderId: uuid("order_id")
      .notNull()
      .references(() => reservations.orderId),
    productId: uuid("product_id").notNull(),
    quantity: bigint("quantity", { mode: "number" }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.orderId, table.productId] }),
    check("reserved_items_quantity_is_positive", sql`${table.quantity} > 0`),
  ],
);
