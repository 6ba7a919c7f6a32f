import type { Database } from "@countersign/database";
import { inArray } from "drizzle-orm";
import { z } from "zod";
import { levels } from "./schema.ts";

/** The most units of one product that a level can say. */
export const levelLimit = 1_000_000_000;

/** The most products that one call can name. */
export const productLimit = 100;

/** An id in the one spelling that the database gives back, so that ids can be compared as text. */
export const uuid = z.uuid().toLowerCase();

/** Units of one product that nobody has reserved. */
export type StockLevel = { readonly productId: string; readonly level: number };

/**
 * Takes the row locks of these products, always in the order of their ids, so that two transactions which want the
 * same products wait for each other and never deadlock. Call it first in a transaction that changes levels.
 * Gives the units that are free of each product that has a row.
 */
export async function lockLevels(tx: Database, productIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = await tx
    .select()
    .from(levels)
    .where(inArray(levels.productId, [...productIds]))
    .orderBy(levels.productId)
    .for("update");
  return new Map(rows.map((row) => [row.productId, row.level]));
}
