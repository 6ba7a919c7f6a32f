import { Refusal } from "@countersign/context";
import type { orders } from "./schema.ts";

type FinalCode = NonNullable<(typeof orders.$inferSelect)["refusalCode"]>;

/**
 * An order that is refused for what it asks, for good: it is written down, and every repeat of its idempotency key is
 * refused in the same words. Any other error leaves the order undecided and the key free to be tried again.
 */
export class FinalRefusal extends Refusal {
  override readonly code: FinalCode;

  constructor(code: FinalCode, message: string) {
    super(code, message, { field: "items" });
    this.code = code;
  }
}
