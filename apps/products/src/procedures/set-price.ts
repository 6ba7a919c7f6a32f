import { permissionProcedure, Refusal } from "@countersign/context";
import { eq } from "drizzle-orm";
import { z } from "zod";
import type { ProductsDeps } from "../deps.ts";
import { money } from "../money.ts";
import { type Product, toProduct, uuid } from "../product.ts";
import { products } from "../schema.ts";

const inputSchema = z.object({ id: uuid, price: money });

/** Changes the price for orders placed from now on; placed ones keep theirs. Refuses with NOT_FOUND. */
export const setPrice = ({ db }: ProductsDeps) =>
  permissionProcedure("products:write")
    .meta({ freshness: "live" })
    .input(inputSchema)
    .mutation(async ({ input: { id, price } }): Promise<Product> => {
      const [row] = await db
        .update(products)
        .set({ priceAmount: price.amount, priceCurrency: price.currency })
        .where(eq(products.id, id))
        .returning();
      if (!row) throw new Refusal("NOT_FOUND", "There is no such product.");
      return toProduct(row);
    });
