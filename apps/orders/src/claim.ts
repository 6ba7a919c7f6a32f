import { Refusal } from "@countersign/context";
import { and, eq, ne, sql } from "drizzle-orm";
import type { OrdersDeps } from "./deps.ts";
import { orders } from "./schema.ts";

/** What a user asks for under one idempotency key; `request` is its canonical spelling. */
export type Claim = { readonly userId: string; readonly idempotencyKey: string; readonly request: string };

/** The order that a key stands for. */
export type ClaimedOrder = typeof orders.$inferSelect;

/**
 * Claims a user's idempotency key for a new, pending order, or gives the order that the key stands for already: also a
 * pending one, whose first request broke off or is still under way.
 *
 * Refuses with CONFLICT when the key stands for another request.
 */
export async function claimOrder({ db, newId, now }: OrdersDeps, claim: Claim): Promise<ClaimedOrder> {
  const [made] = await db
    .insert(orders)
    .values({ id: newId(), ...claim, status: "pending", startedAt: new Date(now()) })
    .onConflictDoNothing({
      target: [orders.userId, orders.idempotencyKey],
      where: sql`${orders.status} <> 'abandoned'`,
    })
    .returning();
  if (made) return made;

  const { userId, idempotencyKey } = claim;
  const [found] = await db
    .select()
    .from(orders)
    .where(and(eq(orders.userId, userId), eq(orders.idempotencyKey, idempotencyKey), ne(orders.status, "abandoned")));
  if (!found) throw undecided();
  if (found.request !== claim.request) {
    throw new Refusal("CONFLICT", "This idempotency key was used for another order.", { field: "idempotencyKey" });
  }
  return found;
}

/** The order was given up, for example beside this request by another one under the same key; a repeat starts anew. */
export function undecided(): Refusal {
  return new Refusal("SERVICE_UNAVAILABLE", "The order could not be placed; try again.", { retryAfterSeconds: 1 });
}
