import { serviceProcedure } from "@countersign/context";
import type { Database } from "@countersign/database";
import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { InventoryDeps } from "../deps.ts";
import { levels, reservations, reservedItems } from "../schema.ts";
import { lockLevels, uuid } from "../stock.ts";

const inputSchema = z.object({ orderId: uuid });

type Release = { orderId: string; status: "released" };

/**
 * Gives back what an order holds, once; a repeat changes nothing. An order that never reserved is marked as released as
 * well, so that a reservation which is still on its way is refused when it arrives.
 */
export const releaseStock = ({ db }: InventoryDeps) =>
  serviceProcedure("orders")
    .input(inputSchema)
    .mutation(async ({ input: { orderId } }): Promise<Release> => {
      await db.transaction(async (tx) => {
        const changed = await tx
          .insert(reservations)
          .values({ orderId, status: "released" })
          .onConflictDoUpdate({
            target: reservations.orderId,
            set: { status: "released" },
            setWhere: eq(reservations.status, "held"),
          })
          .returning();
        if (changed.length === 1) await returnStock(tx, orderId);
      });
      return { orderId, status: "released" };
    });

async function returnStock(tx: Database, orderId: string): Promise<void> {
  const held = await tx.select().from(reservedItems).where(eq(reservedItems.orderId, orderId));
  if (held.length === 0) return;
  await lockLevels(
    tx,
    held.map(({ productId }) => productId),
  );
  await tx
    .update(levels)
    .set({ level: sql`${levels.level} + ${reservedItems.quantity}` })
    .from(reservedItems)
    .where(and(eq(reservedItems.orderId, orderId), eq(reservedItems.productId, levels.productId)));
}
