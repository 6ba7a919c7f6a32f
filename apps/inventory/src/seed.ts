import type { Database } from "@countersign/database";
import { levels } from "./schema.ts";

/** Stock for the demo catalogue, by product id; the last product is sold out, so that a refusal can be seen. */
const stock = [
  { productId: "0190a000-0000-7000-8000-000000000001", level: 120 },
  { productId: "0190a000-0000-7000-8000-000000000002", level: 300 },
  { productId: "0190a000-0000-7000-8000-000000000003", level: 1_000 },
  { productId: "0190a000-0000-7000-8000-000000000004", level: 80 },
  { productId: "0190a000-0000-7000-8000-000000000005", level: 500 },
  { productId: "0190a000-0000-7000-8000-000000000006", level: 150 },
  { productId: "0190a000-0000-7000-8000-000000000007", level: 90 },
  { productId: "0190a000-0000-7000-8000-000000000008", level: 200 },
  { productId: "0190a000-0000-7000-8000-000000000009", level: 60 },
  { productId: "0190a000-0000-7000-8000-00000000000a", level: 750 },
  { productId: "0190a000-0000-7000-8000-00000000000b", level: 40 },
  { productId: "0190a000-0000-7000-8000-00000000000c", level: 0 },
] as const;

/** Puts the demo stock in, once: levels that are there already stay as they are. */
export async function seedInventory(db: Database): Promise<void> {
  await db
    .insert(levels)
    .values([...stock])
    .onConflictDoNothing();
}
