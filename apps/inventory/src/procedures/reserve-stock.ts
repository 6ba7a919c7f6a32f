import { delegatedProcedure, Refusal } from "@countersign/context";
import type { Database } from "@countersign/database";
import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { InventoryDeps } from "../deps.ts";
import { levels, reservations, reservedItems } from "../schema.ts";
import { levelLimit, lockLevels, productLimit, uuid } from "../stock.ts";

const item = z.object({ productId: uuid, quantity: z.int().min(1).max(levelLimit) });
const inputSchema = z.object({
  orderId: uuid,
  items: z.array(item).min(1).max(productLimit).refine(namesEachProductOnce, "Each product may be named once."),
});

type Item = z.infer<typeof item>;
type Reservation = { orderId: string; status: "held" };

type Claim = { readonly orderId: string; readonly userId: string };

/**
 * Takes the stock for a user's order: all of it or none, in one transaction. Orders calls it on the user's behalf and
 * cannot do it without one. A repeat for the same order with the same items gives the same answer and takes nothing more.
 *
 * Refuses with CONFLICT, naming every product that is short; and for an order that was released already, that holds
 * other items or is another user's.
 */
export const reserveStock = ({ db }: InventoryDeps) =>
  delegatedProcedure("orders")
    .meta({ limits: [{ by: "service", calls: 6_000, perSeconds: 60 }] })
    .input(inputSchema)
    .mutation(async ({ ctx, input: { orderId, items } }): Promise<Reservation> => {
      const userId = ctx.user.id;
      await db.transaction(async (tx) => {
        // A second call for the same order waits here for the first to commit or to roll back.
        const claim = await tx
          .insert(reservations)
          .values({ orderId, userId, status: "held" })
          .onConflictDoNothing()
          .returning();
        if (claim.length === 1) await takeStock(tx, orderId, items);
        else await checkRepeat(tx, { orderId, userId }, items);
      });
      return { orderId, status: "held" };
    });

function namesEachProductOnce(items: readonly Item[]): boolean {
  return new Set(items.map(({ productId }) => productId)).size === items.length;
}

async function takeStock(tx: Database, orderId: string, items: readonly Item[]): Promise<void> {
  const free = await lockLevels(
    tx,
    items.map(({ productId }) => productId),
  );
  const short = items.filter(({ productId, quantity }) => (free.get(productId) ?? 0) < quantity);
  if (short.length > 0) {
    throw new Refusal("CONFLICT", `Out of stock: ${short.map(({ productId }) => productId).join(", ")}.`);
  }
  await tx.insert(reservedItems).values(items.map(({ productId, quantity }) => ({ orderId, productId, quantity })));
  await tx
    .update(levels)
    .set({ level: sql`${levels.level} - ${reservedItems.quantity}` })
    .from(reservedItems)
    .where(and(eq(reservedItems.orderId, orderId), eq(reservedItems.productId, levels.productId)));
}

async function checkRepeat(tx: Database, { orderId, userId }: Claim, items: readonly Item[]): Promise<void> {
  const [reservation] = await tx.select().from(reservations).where(eq(reservations.orderId, orderId));
  if (reservation?.status !== "held") throw new Refusal("CONFLICT", "The stock of this order was released already.");
  // null: reserved before it was written down for whom
  const isOthers = reservation.userId !== null && reservation.userId !== userId;
  if (isOthers) throw new Refusal("CONFLICT", "This order is not this user's.");
  const held = await tx.select().from(reservedItems).where(eq(reservedItems.orderId, orderId));
  const quantities = new Map(held.map(({ productId, quantity }) => [productId, quantity]));
  const same = held.length === items.length && items.every((one) => quantities.get(one.productId) === one.quantity);
  if (!same) throw new Refusal("CONFLICT", "This order holds other items already.");
}
