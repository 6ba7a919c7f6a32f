import type { Log } from "@countersign/context";
import { and, eq, lt } from "drizzle-orm";
import type { OrdersDeps } from "./deps.ts";
import { orders } from "./schema.ts";
import { releaseOrder } from "./settle.ts";

/** How long a request may work on an order; one that is pending for longer was left behind by a crash. */
const patienceMs = 30_000;

const batch = 100;

/**
 * Clears up what broken-off requests left behind: gives up orders that are pending for too long, so that their keys are
 * free again, and has inventory release the stock of every order whose release it has not acknowledged yet. Safe to run
 * on several replicas at once, and beside requests. Gives the number of orders released.
 */
export async function recoverOrders(deps: OrdersDeps, log: Log): Promise<number> {
  const { db, now } = deps;
  await db
    .update(orders)
    .set({ status: "abandoned", releaseDue: true })
    .where(and(eq(orders.status, "pending"), lt(orders.startedAt, new Date(now() - patienceMs))));
  const due = await db.select({ id: orders.id }).from(orders).where(eq(orders.releaseDue, true)).limit(batch);
  for (const { id } of due) await releaseOrder(deps, id);
  if (due.length > 0) log.info({ orders: due.length }, "released the stock of orders that were left behind");
  return due.length;
}
