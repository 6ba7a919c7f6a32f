import { serviceProcedure } from "@countersign/context";
import { inArray } from "drizzle-orm";
import { z } from "zod";
import type { InventoryDeps } from "../deps.ts";
import { levels } from "../schema.ts";
import { productLimit, type StockLevel, uuid } from "../stock.ts";

const inputSchema = z.object({ productIds: z.array(uuid).min(1).max(productLimit) });

/** The free units of each product, in the order of the ids asked for; a product nobody stocked has 0. */
export const readLevels = ({ db }: InventoryDeps) =>
  serviceProcedure("orders", "products")
    .meta({ limits: [{ by: "service", calls: 6_000, perSeconds: 60 }] })
    .input(inputSchema)
    .query(async ({ input: { productIds } }): Promise<readonly StockLevel[]> => {
      const rows = await db.select().from(levels).where(inArray(levels.productId, productIds));
      const free = new Map(rows.map((row) => [row.productId, row.level]));
      return productIds.map((productId) => ({ productId, level: free.get(productId) ?? 0 }));
    });
