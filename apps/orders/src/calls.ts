import { type Calls, defineCalls } from "@countersign/context";
import type { InventoryRouter } from "@countersign/inventory/router";
import type { ProductsRouter } from "@countersign/products/router";

type Callees = { readonly products: ProductsRouter; readonly inventory: InventoryRouter };

/** The services that orders calls, typed by their routers: `.use(calls)` gives a procedure `ctx.call`. */
export const calls = defineCalls<"orders", Callees>("orders");

/** What `ctx.call` is in a procedure that uses `calls`. */
export type OrdersCalls = Calls<Callees>;
