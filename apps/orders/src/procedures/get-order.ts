import { permissionProcedure, Refusal } from "@countersign/context";
import { z } from "zod";
import type { OrdersDeps } from "../deps.ts";
import { id, type Order } from "../order.ts";
import { readOwnOrder } from "../read-orders.ts";

const input = z.object({ id });

/** One order of the caller's own. Refuses with NOT_FOUND, also for an order of somebody else. */
export const getOrder = ({ db }: OrdersDeps) =>
  permissionProcedure("orders:read")
    .input(input)
    .query(async ({ ctx, input: { id } }): Promise<Order> => {
      const order = await readOwnOrder(db, { id, userId: ctx.user.id });
      if (!order) throw new Refusal("NOT_FOUND", "There is no such order.");
      return order;
    });
