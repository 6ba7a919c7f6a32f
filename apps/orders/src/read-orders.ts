import type { Database } from "@countersign/database";
import { and, asc, desc, eq, inArray, type SQL } from "drizzle-orm";
import type { Order, OrderItem } from "./order.ts";
import { orderItems, orders } from "./schema.ts";

/** An order and whose it is. */
export type OwnedOrder = Order & { readonly userId: string; readonly position: number };

type OrderRow = typeof orders.$inferSelect;

/** Placed orders that match, newest first; orders that were never confirmed are not among them. */
export async function readOrders(db: Database, where: SQL | undefined, limit: number): Promise<readonly OwnedOrder[]> {
  const placed = db.select().from(orders).where(and(isPlaced, where));
  return withItems(db, await placed.orderBy(desc(orders.id)).limit(limit));
}

/** Placed orders that match, the one whose last change is the oldest first. */
export async function readChangedOrders(
  db: Database,
  where: SQL | undefined,
  limit: number,
): Promise<readonly OwnedOrder[]> {
  const placed = db.select().from(orders).where(and(isPlaced, where));
  return withItems(db, await placed.orderBy(asc(orders.position)).limit(limit));
}

const isPlaced = inArray(orders.status, ["confirmed", "cancelled"]);

async function withItems(db: Database, rows: readonly OrderRow[]): Promise<readonly OwnedOrder[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const items = await db
    .select()
    .from(orderItems)
    .where(inArray(orderItems.orderId, ids))
    .orderBy(asc(orderItems.productId));
  const itemsOf = Map.groupBy(items, (item) => item.orderId);
  return rows.flatMap((row) => toOrder(row, itemsOf.get(row.id) ?? []) ?? []);
}

/** One placed order of this user; null when there is none, or not this user's, or it was never confirmed. */
export async function readOwnOrder(db: Database, own: { id: string; userId: string }): Promise<Order | null> {
  const [order] = await readOrders(db, and(eq(orders.id, own.id), eq(orders.userId, own.userId)), 1);
  return order ? withoutOwner(order) : null;
}

/** The order as its owner sees it. */
export function withoutOwner({ id, status, total, items, placedAt }: OwnedOrder): Order {
  return { id, status, total, items, placedAt };
}

function toOrder(row: OrderRow, items: readonly (typeof orderItems.$inferSelect)[]) {
  const { id, userId, position, status, totalAmount, totalCurrency: currency } = row;
  if (status !== "confirmed" && status !== "cancelled") return null;
  if (totalAmount === null || currency === null) return null;
  const order: OwnedOrder = {
    id,
    userId,
    position,
    status,
    total: { amount: totalAmount, currency },
    items: items.map((item): OrderItem => {
      const { productId, name, quantity, unitAmount: amount } = item;
      return { productId, name, quantity, price: { amount, currency } };
    }),
    placedAt: row.startedAt.toISOString(),
  };
  return order;
}
