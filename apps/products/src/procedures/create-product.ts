import { permissionProcedure } from "@countersign/context";
import { z } from "zod";
import { calls } from "../calls.ts";
import type { ProductsDeps } from "../deps.ts";
import { money } from "../money.ts";
import type { Product } from "../product.ts";
import { products } from "../schema.ts";

const inputSchema = z.object({
  name: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, "Control characters are not allowed."),
  price: money,
  /** Units in stock from the start; without it there are none until somebody sets a level. */
  stock: z.int().min(0).max(1_000_000_000).optional(),
});

/** Adds a product to the catalogue and puts its first stock into inventory. Not idempotent: a repeat adds another. */
export const createProduct = ({ db, newId }: ProductsDeps) =>
  permissionProcedure("products:write")
    .meta({ freshness: "live" })
    .use(calls)
    .input(inputSchema)
    .mutation(async ({ ctx, input: { name, price, stock } }): Promise<Product> => {
      const id = newId();
      // Stock first: when this call fails there is no product yet, and a level without a product harms nobody.
      if (stock !== undefined) await ctx.call.inventory.setLevel({ productId: id, level: stock });
      await db.insert(products).values({ id, name, priceAmount: price.amount, priceCurrency: price.currency });
      return { id, name, price };
    });
