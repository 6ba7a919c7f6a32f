import { z } from "zod";

/** How long a page is, for every list. */
export const pageLimit = z.int().min(1).max(100).default(20);

/** A page of a list; `nextCursor` is null on the last one, and otherwise what to send for the next. */
export type Page<Item> = { items: Item[]; nextCursor: string | null };

/** Makes a page of rows that were read with one more than its limit. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  to: { readonly item: (row: Row) => Item; readonly cursor: (last: Row) => string },
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return { items: shown.map(to.item), nextCursor: hasMore ? to.cursor(last) : null };
}
