import { and, eq } from "drizzle-orm";
import { noteChange } from "./changes.ts";
import type { OrdersDeps } from "./deps.ts";
import type { FinalRefusal } from "./final-refusal.ts";
import type { Quote } from "./quote.ts";
import { orderItems, orders } from "./schema.ts";

/** Confirms an order with the prices of `quote`, in one transaction; changes nothing when it is no longer pending. */
export async function confirmOrder({ db }: OrdersDeps, orderId: string, { items, total }: Quote): Promise<void> {
  await db.transaction(async (tx) => {
    const confirmed = await tx
      .update(orders)
      .set({ status: "confirmed", totalAmount: total.amount, totalCurrency: total.currency })
      .where(and(eq(orders.id, orderId), eq(orders.status, "pending")))
      .returning({ id: orders.id, userId: orders.userId });
    for (const order of confirmed) {
      await tx.insert(orderItems).values(items.map((item) => toItemRow(orderId, item)));
      await noteChange(tx, order);
    }
  });
}

/**
 * Ends a pending order: with a refusal for good, or, with null, so that its key can be tried again. Then gives back
 * what it may have reserved. Not before: while the order is pending, a repeat that runs beside this one could still
 * confirm it. Changes nothing when the order is no longer pending.
 */
export async function endPendingOrder(deps: OrdersDeps, orderId: string, refusal: FinalRefusal | null): Promise<void> {
  const ending = refusal
    ? ({ status: "rejected", refusalCode: refusal.code, refusalMessage: refusal.message } as const)
    : ({ status: "abandoned" } as const);
  const ended = await deps.db
    .update(orders)
    .set({ ...ending, releaseDue: true })
    .where(and(eq(orders.id, orderId), eq(orders.status, "pending")))
    .returning({ id: orders.id });
  if (ended.length === 1) await releaseOrder(deps, orderId);
}

/** Has inventory give the stock of an ended order back, and notes it down. Rejects when inventory did not answer. */
export async function releaseOrder({ db, releaseStock }: OrdersDeps, orderId: string): Promise<void> {
  await releaseStock(orderId);
  await db.update(orders).set({ releaseDue: false }).where(eq(orders.id, orderId));
}

function toItemRow(orderId: string, { productId, name, quantity, price }: Quote["items"][number]) {
  return { orderId, productId, name, quantity, unitAmount: price.amount };
}
