import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  pgSchema,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";

export const ordersSchema = pgSchema("orders");

/**
 * One row per attempt to place an order; the row is also the claim on the idempotency key.
 *
 *     pending -> confirmed -> cancelled
 *             -> rejected      refused for good: a repeat of the key gets the same refusal
 *             -> abandoned     could not be decided: the key is free again, a repeat starts a new attempt
 *
 * Every arrow is one compare-and-swap on `status`. Stock is released only for rows that can no longer become
 * confirmed; `releaseDue` says that inventory has not yet acknowledged it. Ids are UUIDs of version 7
 * (RFC 9562 §5.7): the order of ids is the order of placing.
 */
export const orders = ordersSchema.table(
  "orders",
  {
    id: uuid("id").primaryKey(),
    userId: text("user_id").notNull(),
    idempotencyKey: text("idempotency_key").notNull(),
    /** What was asked for under the key, in one canonical spelling. */
    request: text("request").notNull(),
    status: text("status", { enum: ["pending", "confirmed", "rejected", "abandoned", "cancelled"] }).notNull(),
    startedAt: timestamp("started_at", { withTimezone: true, precision: 3 }).notNull(),
    totalAmount: bigint("total_amount", { mode: "number" }),
    totalCurrency: text("total_currency"),
    refusalCode: text("refusal_code", { enum: ["BAD_REQUEST", "NOT_FOUND", "CONFLICT"] }),
    refusalMessage: text("refusal_message"),
    releaseDue: boolean("release_due").notNull().default(false),
    /** Where its last change stands among the changes of this user's orders; 0 before it was placed. See `changes.ts`. */
    position: bigint("position", { mode: "number" }).notNull().default(0),
  },
  (table) => [
    uniqueIndex("orders_one_live_claim_per_key")
      .on(table.userId, table.idempotencyKey)
      .where(sql`${table.status} <> 'abandoned'`),
    index("orders_of_user").on(table.userId, table.id),
    index("orders_changed").on(table.userId, table.position),
    index("orders_unsettled").on(table.startedAt).where(sql`${table.status} = 'pending' or ${table.releaseDue}`),
    check(
      "orders_status_is_known",
      sql`${table.status} in ('pending', 'confirmed', 'rejected', 'abandoned', 'cancelled')`,
    ),
    check(
      "orders_total_when_placed",
      sql`(${table.status} in ('confirmed', 'cancelled')) = (${table.totalAmount} is not null and ${table.totalCurrency} is not null)`,
    ),
    check(
      "orders_reason_when_rejected",
      sql`(${table.status} = 'rejected') = (${table.refusalCode} is not null and ${table.refusalMessage} is not null)`,
    ),
  ],
);

/** What was bought, with name and unit price as they were then. */
export const orderItems = ordersSchema.table(
  "order_items",
  {
    orderId: uuid("order_id")
      .notNull()
      .references(() => orders.id),
    productId: uuid("product_id").notNull(),
    name: text("name").notNull(),
    quantity: integer("quantity").notNull(),
    unitAmount: bigint("unit_amount", { mode: "number" }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.orderId, table.productId] }),
    check("order_items_quantity_is_positive", sql`${table.quantity} > 0`),
  ],
);

/** How many changes there have been to the orders of a user; its row is the lock that puts them in order. */
export const changeCounts = ordersSchema.table("change_counts", {
  userId: text("user_id").primaryKey(),
  count: bigint("count", { mode: "number" }).notNull(),
});
