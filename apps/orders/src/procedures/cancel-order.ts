import { permissionProcedure, Refusal } from "@countersign/context";
import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { noteChange } from "../changes.ts";
import type { OrdersDeps } from "../deps.ts";
import { type Order, uuid } from "../order.ts";
import { readOwnOrder } from "../read-orders.ts";
import { orders } from "../schema.ts";
import { releaseOrder } from "../settle.ts";

const inputSchema = z.object({ id: uuid });

/**
 * Cancels an order of the caller's own and gives its stock back, once; a repeat gives the same answer. The order is
 * cancelled even when inventory cannot be reached: its stock is then released later.
 *
 * Refuses with NOT_FOUND, also for an order of somebody else.
 */
export const cancelOrder = (deps: OrdersDeps) =>
  permissionProcedure("orders:cancel")
    .meta({ limits: [{ by: "user", calls: 60, perSeconds: 60 }] })
    .input(inputSchema)
    .mutation(async ({ ctx, input: { id } }): Promise<Order> => {
      const own = { id, userId: ctx.user.id };
      if (await markCancelled(deps, own)) {
        await releaseOrder(deps, id).catch((cause: unknown) => {
          ctx.log.warn({ err: cause, orderId: id }, "The stock of a cancelled order will be released later.");
        });
      }
      const order = await readOwnOrder(deps.db, own);
      if (!order) throw new Refusal("NOT_FOUND", "There is no such order.");
      return order;
    });

async function markCancelled({ db }: OrdersDeps, own: { id: string; userId: string }): Promise<boolean> {
  return await db.transaction(async (tx) => {
    const cancelled = await tx
      .update(orders)
      .set({ status: "cancelled", releaseDue: true })
      .where(and(eq(orders.id, own.id), eq(orders.userId, own.userId), eq(orders.status, "confirmed")))
      .returning({ id: orders.id });
    if (cancelled.length === 0) return false;
    await noteChange(tx, own);
    return true;
  });
}
