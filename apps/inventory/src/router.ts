import { router } from "@countersign/context";
import type { InventoryDeps } from "./deps.ts";
import { readLevels } from "./procedures/read-levels.ts";
import { releaseStock } from "./procedures/release-stock.ts";
import { reserveStock } from "./procedures/reserve-stock.ts";
import { setLevel } from "./procedures/set-level.ts";

export function createInventoryRouter(deps: InventoryDeps) {
  return router({
    reserve: reserveStock(deps),
    release: releaseStock(deps),
    levels: readLevels(deps),
    setLevel: setLevel(deps),
  });
}

/** The type that callers import; never the code. */
export type InventoryRouter = ReturnType<typeof createInventoryRouter>;
