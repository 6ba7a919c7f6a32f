import type { Database } from "@countersign/database";

/** What the procedures of orders work with. */
export type OrdersDeps = {
  readonly db: Database;
  /** Makes the id of a new order: a UUID of version 7 (RFC 9562 §5.7), so that ids sort by creation. */
  readonly newId: () => string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Tells inventory to give an order's stock back. Idempotent, and not ended when the caller of a request has gone. */
  readonly releaseStock: (orderId: string) => Promise<void>;
};
