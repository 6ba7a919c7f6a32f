import type { Database } from "@countersign/database";
import { products } from "./schema.ts";

/** The demo catalogue. Inventory seeds stock for the same ids. */
const catalogue = [
  { id: "0190a000-0000-7000-8000-000000000001", name: "Ash Desk Lamp", priceAmount: 6_900 },
  { id: "0190a000-0000-7000-8000-000000000002", name: "Walnut Pen Tray", priceAmount: 2_450 },
  { id: "0190a000-0000-7000-8000-000000000003", name: "Linen Notebook A5", priceAmount: 1_290 },
  { id: "0190a000-0000-7000-8000-000000000004", name: "Brass Fountain Pen", priceAmount: 8_400 },
  { id: "0190a000-0000-7000-8000-000000000005", name: "Ink, Midnight Blue, 50 ml", priceAmount: 1_650 },
  { id: "0190a000-0000-7000-8000-000000000006", name: "Wool Desk Mat", priceAmount: 4_900 },
  { id: "0190a000-0000-7000-8000-000000000007", name: "Cork Pinboard", priceAmount: 3_200 },
  { id: "0190a000-0000-7000-8000-000000000008", name: "Steel Bookends, Pair", priceAmount: 2_800 },
  { id: "0190a000-0000-7000-8000-000000000009", name: "Beeswax Sealing Kit", priceAmount: 1_980 },
  { id: "0190a000-0000-7000-8000-00000000000a", name: "Cotton Envelopes, 25", priceAmount: 1_150 },
  { id: "0190a000-0000-7000-8000-00000000000b", name: "Countersign Letter Stamp", priceAmount: 5_600 },
  { id: "0190a000-0000-7000-8000-00000000000c", name: "Oak Filing Box", priceAmount: 7_200 },
] as const;

/** Puts the demo catalogue in, once: products that are there already keep their names and prices. */
export async function seedProducts(db: Database): Promise<void> {
  await db
    .insert(products)
    .values(catalogue.map((product) => ({ ...product, priceCurrency: "EUR" })))
    .onConflictDoNothing();
}
