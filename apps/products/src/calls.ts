import { defineCalls } from "@countersign/context";
import type { InventoryRouter } from "@countersign/inventory/router";

/** The services that products calls, typed by their routers: `.use(calls)` gives a procedure `ctx.call`. */
export const calls = defineCalls<"products", { inventory: InventoryRouter }>("products");
