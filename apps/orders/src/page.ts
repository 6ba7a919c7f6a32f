import type { Database } from "@countersign/database";
import { and, lt, type SQL } from "drizzle-orm";
import { z } from "zod";
import { uuid } from "./order.ts";
import { type OwnedOrder, readOrders } from "./read-orders.ts";
import { orders } from "./schema.ts";

/** Which page of a list of orders. */
export const pageInput = z
  .object({
    /** What the page before gave as `nextCursor`; its meaning is ours to change. */
    cursor: uuid.nullish(),
    limit: z.int().min(1).max(100).default(20),
  })
  .prefault({});

/** One page; `nextCursor` is null on the last. */
export type Page<Item> = { readonly items: readonly Item[]; readonly nextCursor: string | null };

/** A page of the placed orders that match, newest first. */
export async function readPage(
  db: Database,
  { cursor, limit }: z.output<typeof pageInput>,
  where?: SQL,
): Promise<Page<OwnedOrder>> {
  const found = await readOrders(db, and(where, cursor ? lt(orders.id, cursor) : undefined), limit + 1);
  const items = found.slice(0, limit);
  return { items, nextCursor: found.length > limit ? (items.at(-1)?.id ?? null) : null };
}
