import type { Database } from "@countersign/database";

/** What the procedures of inventory work with. */
export type InventoryDeps = { readonly db: Database };
