import type { Database } from "@countersign/database";
import { eq, sql } from "drizzle-orm";
import { changeCounts, orders } from "./schema.ts";

/** The channel on which every change is told, with the user's id. */
export const changesChannel = "orders_changed";

/**
 * Gives a change of an order its place among the changes of its owner's orders, and tells whoever watches once it is
 * committed. Belongs into the transaction of the change: the counter stays locked until its end, so that a position is
 * never seen before the ones below it, and who has read up to one has missed nothing.
 */
export async function noteChange(tx: Database, order: { readonly id: string; readonly userId: string }): Promise<void> {
  const [counted] = await tx
    .insert(changeCounts)
    .values({ userId: order.userId, count: 1 })
    .onConflictDoUpdate({ target: changeCounts.userId, set: { count: sql`${changeCounts.count} + 1` } })
    .returning();
  if (counted === undefined) throw new Error("An upsert gave no row.");
  await tx.update(orders).set({ position: counted.count }).where(eq(orders.id, order.id));
  await tx.execute(sql`select pg_notify(${changesChannel}, ${order.userId})`);
}

/** How many changes there have been to this user's orders. */
export async function countChanges(db: Database, userId: string): Promise<number> {
  const [counted] = await db.select().from(changeCounts).where(eq(changeCounts.userId, userId));
  return counted?.count ?? 0;
}
