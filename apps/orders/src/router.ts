import { router } from "@countersign/context";
import type { OrdersDeps } from "./deps.ts";
import { cancelOrder } from "./procedures/cancel-order.ts";
import { getOrder } from "./procedures/get-order.ts";
import { listAllOrders } from "./procedures/list-all-orders.ts";
import { listOrders } from "./procedures/list-orders.ts";
import { placeOrder } from "./procedures/place-order.ts";
import { watchOrders } from "./procedures/watch-orders.ts";

export function createOrdersRouter(deps: OrdersDeps) {
  return router({
    place: placeOrder(deps),
    list: listOrders(deps),
    get: getOrder(deps),
    cancel: cancelOrder(deps),
    watch: watchOrders(deps),
    listAll: listAllOrders(deps),
  });
}

/** The type that callers import; never the code. */
export type OrdersRouter = ReturnType<typeof createOrdersRouter>;
