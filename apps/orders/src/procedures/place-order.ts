import { permissionProcedure } from "@countersign/context";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { basket, mergeBasket, spellBasket } from "../basket.ts";
import { calls } from "../calls.ts";
import { claimOrder, undecided } from "../claim.ts";
import { completeOrder } from "../complete.ts";
import type { OrdersDeps } from "../deps.ts";
import { FinalRefusal } from "../final-refusal.ts";
import type { Order } from "../order.ts";
import { readOwnOrder } from "../read-orders.ts";
import { orders } from "../schema.ts";

const inputSchema = z.object({
  items: basket,
  /** Chosen by the caller, one for each order that it means to place; printable ASCII. */
  idempotencyKey: z.string().regex(/^[\x21-\x7e]{1,128}$/, "1 to 128 printable ASCII characters, no spaces."),
});

/**
 * Places an order: at the prices of now, with its stock reserved. A repeat of the idempotency key with the same items
 * places nothing and gives the same order, or the same refusal; after a failure in the middle it carries on or starts
 * anew.
 *
 * Refuses with CONFLICT when a product is out of stock (named in the message) or the key was used for other items,
 * NOT_FOUND for an unknown product, BAD_REQUEST for products of several currencies, and SERVICE_UNAVAILABLE when
 * another service could not be reached: then nothing is ordered, and a repeat tries again.
 */
export const placeOrder = (deps: OrdersDeps) =>
  permissionProcedure("orders:place")
    .meta({ limits: [{ by: "user", calls: 60, perSeconds: 60 }] })
    .use(calls)
    .input(inputSchema)
    .mutation(async ({ ctx, input: { items, idempotencyKey } }): Promise<Order> => {
      const wanted = mergeBasket(items);
      const claim = { userId: ctx.user.id, idempotencyKey, request: spellBasket(wanted) };
      const order = await claimOrder(deps, claim);
      if (order.status === "pending") await completeOrder(deps, { id: order.id, wanted }, ctx);
      return settledOrder(deps, order);
    });

/** What became of the order, by this request or by another one under the same key. */
async function settledOrder({ db }: OrdersDeps, own: { id: string; userId: string }): Promise<Order> {
  const order = await readOwnOrder(db, own);
  if (order) return order;
  const [row] = await db.select().from(orders).where(eq(orders.id, own.id));
  if (row?.refusalCode && row.refusalMessage) throw new FinalRefusal(row.refusalCode, row.refusalMessage);
  throw undecided();
}
