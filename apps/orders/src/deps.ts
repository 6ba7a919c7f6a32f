import type { Database } from "@countersign/database";
import type { DomainDeps } from "@countersign/service";
import { v7 } from "uuid";
import type { OrdersCalls } from "./calls.ts";
import { createOrderNews, type OrderNews } from "./news.ts";

/** What the procedures of orders work with. */
export type OrdersDeps = {
  readonly db: Database;
  /** Makes the id of a new order: a UUID of version 7 (RFC 9562 §5.7), so that ids sort by creation. */
  readonly newId: () => string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly news: OrderNews;
  /** Tells inventory to give an order's stock back. Idempotent, and not ended when the caller of a request has gone. */
  readonly releaseStock: (orderId: string) => Promise<void>;
};

/** One for each process: its news are what every watcher hears. */
export function createOrdersDeps({ chassis, database }: DomainDeps): OrdersDeps {
  return {
    db: database.db,
    newId: () => v7({ msecs: chassis.now() }),
    now: chassis.now,
    news: createOrderNews(database, chassis.log),
    async releaseStock(orderId) {
      const input: Parameters<OrdersCalls["inventory"]["release"]>[0] = { orderId };
      const requestId = crypto.randomUUID();
      await chassis.gate.call({ callee: "inventory", path: "release", input, requestId, signal: undefined });
    },
  };
}
