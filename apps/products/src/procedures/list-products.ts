import { publicProcedure } from "@countersign/context";
import { and, asc, gt, inArray } from "drizzle-orm";
import { z } from "zod";
import type { ProductsDeps } from "../deps.ts";
import { type Product, toProduct, uuid } from "../product.ts";
import { products } from "../schema.ts";

const inputSchema = z
  .object({
    /** Only these products; unknown ids are left out of the answer. */
    ids: z.array(uuid).min(1).max(100).optional(),
    /** What the page before gave as `nextCursor`; its meaning is ours to change. */
    cursor: uuid.nullish(),
    limit: z.int().min(1).max(100).default(20),
  })
  .prefault({});

type Page = { items: readonly Product[]; nextCursor: string | null };

/** A page of the catalogue, oldest product first; `nextCursor` is null on the last page. */
export const listProducts = ({ db }: ProductsDeps) =>
  publicProcedure
    .meta({ limits: [{ by: "address", calls: 3_000, perSeconds: 60 }] })
    .input(inputSchema)
    .query(async ({ input: { ids, cursor, limit } }): Promise<Page> => {
      const rows = await db
        .select()
        .from(products)
        .where(and(ids && inArray(products.id, ids), cursor ? gt(products.id, cursor) : undefined))
        .orderBy(asc(products.id))
        .limit(limit + 1);
      const items = rows.slice(0, limit).map(toProduct);
      return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
    });
