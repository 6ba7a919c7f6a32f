import type { Database } from "@countersign/database";

/** What the procedures of products work with. */
export type ProductsDeps = {
  readonly db: Database;
  /** Makes the id of a new product: a UUID of version 7 (RFC 9562 §5.7), so that ids sort by creation. */
  readonly newId: () => string;
};
