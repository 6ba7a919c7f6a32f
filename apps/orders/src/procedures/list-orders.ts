import { permissionProcedure } from "@countersign/context";
import { eq } from "drizzle-orm";
import type { OrdersDeps } from "../deps.ts";
import type { Order } from "../order.ts";
import { type Page, pageInput, readPage } from "../page.ts";
import { withoutOwner } from "../read-orders.ts";
import { orders } from "../schema.ts";

/** The caller's own orders, newest first. */
export const listOrders = ({ db }: OrdersDeps) =>
  permissionProcedure("orders:read")
    .input(pageInput)
    .query(async ({ ctx, input }): Promise<Page<Order>> => {
      const { items, nextCursor } = await readPage(db, input, eq(orders.userId, ctx.user.id));
      return { items: items.map(withoutOwner), nextCursor };
    });
