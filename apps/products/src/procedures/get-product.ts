import { publicProcedure, Refusal } from "@countersign/context";
import { eq } from "drizzle-orm";
import { z } from "zod";
import type { ProductsDeps } from "../deps.ts";
import { type Product, toProduct, uuid } from "../product.ts";
import { products } from "../schema.ts";

const inputSchema = z.object({ id: uuid });

/** One product. Refuses with NOT_FOUND. */
export const getProduct = ({ db }: ProductsDeps) =>
  publicProcedure.input(inputSchema).query(async ({ input }): Promise<Product> => {
    const [row] = await db.select().from(products).where(eq(products.id, input.id));
    if (!row) throw new Refusal("NOT_FOUND", "There is no such product.");
    return toProduct(row);
  });
