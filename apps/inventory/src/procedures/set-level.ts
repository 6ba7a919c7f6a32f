import { serviceProcedure } from "@countersign/context";
import { z } from "zod";
import type { InventoryDeps } from "../deps.ts";
import { levels } from "../schema.ts";
import { levelLimit, type StockLevel, uuid } from "../stock.ts";

const inputSchema = z.object({ productId: uuid, level: z.int().min(0).max(levelLimit) });

/** Sets how many units of a product are free, whatever the level was; what orders hold is not counted in it. */
export const setLevel = ({ db }: InventoryDeps) =>
  serviceProcedure("products")
    .input(inputSchema)
    .mutation(async ({ input: { productId, level } }): Promise<StockLevel> => {
      await db
        .insert(levels)
        .values({ productId, level })
        .onConflictDoUpdate({ target: levels.productId, set: { level } });
      return { productId, level };
    });
