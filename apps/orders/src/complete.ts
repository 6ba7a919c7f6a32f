import type { Log } from "@countersign/context";
import { TRPCError } from "@trpc/server";
import type { Basket } from "./basket.ts";
import type { OrdersCalls } from "./calls.ts";
import type { OrdersDeps } from "./deps.ts";
import { FinalRefusal } from "./final-refusal.ts";
import { quoteBasket } from "./quote.ts";
import { confirmOrder, endPendingOrder } from "./settle.ts";

/** A pending order and what is wanted. */
export type PendingOrder = { readonly id: string; readonly wanted: Basket };

/**
 * Takes a pending order as far as it gets: prices, stock, confirmation. Every step can be repeated, by a request that
 * resumes the order after a crash or that runs beside this one, and none happens inside a database transaction.
 *
 * Afterwards the order is confirmed or refused, both written down; or it is given up, its stock on the way back, and
 * the error that was met is thrown.
 */
export async function completeOrder(
  deps: OrdersDeps,
  { id, wanted }: PendingOrder,
  { call, log }: { readonly call: OrdersCalls; readonly log: Log },
): Promise<void> {
  try {
    const ids = wanted.map(({ productId }) => productId);
    const { items: catalogue } = await call.products.list({ ids, limit: ids.length });
    const quote = quoteBasket(wanted, catalogue);
    await call.inventory.reserve({ orderId: id, items: [...wanted] }).catch(rethrowShortage);
    await confirmOrder(deps, id, quote);
  } catch (error) {
    await endPendingOrder(deps, id, error instanceof FinalRefusal ? error : null).catch((cause: unknown) => {
      // Nothing is lost: the order is still pending or its release still due, for the next repeat or the recovery.
      log.warn({ err: cause, orderId: id }, "An order could not be wound up yet.");
    });
    if (!(error instanceof FinalRefusal)) throw error;
  }
}

/** Inventory's CONFLICT is a decision and names the products that are short; everything else is no decision. */
function rethrowShortage(error: unknown): never {
  if (error instanceof TRPCError && error.code === "CONFLICT") throw new FinalRefusal("CONFLICT", error.message);
  throw error;
}
