import { permissionProcedure, Refusal } from "@countersign/context";
import { z } from "zod";
import type { OrdersDeps } from "../deps.ts";
import { type Order, uuid } from "../order.ts";
import { readOwnOrder } from "../read-orders.ts";

const inputSchema = z.object({ id: uuid });

/** One order of the caller's own. Refuses with NOT_FOUND, also for an order of somebody else. */
export const getOrder = ({ db }: OrdersDeps) =>
  permissionProcedure("orders:read")
    .input(inputSchema)
    .query(async ({ ctx, input: { id } }): Promise<Order> => {
      const order = await readOwnOrder(db, { id, userId: ctx.user.id });
      if (!order) throw new Refusal("NOT_FOUND", "There is no such order.");
      return order;
    });
