import { permissionProcedure } from "@countersign/context";
import type { OrdersDeps } from "../deps.ts";
import { type Page, pageInput, readPage } from "../page.ts";
import type { OwnedOrder } from "../read-orders.ts";

/** Everybody's orders with the ids of their owners, newest first. */
export const listAllOrders = ({ db }: OrdersDeps) =>
  permissionProcedure("orders:read-all")
    .input(pageInput)
    .query(({ input }): Promise<Page<OwnedOrder>> => readPage(db, input));
