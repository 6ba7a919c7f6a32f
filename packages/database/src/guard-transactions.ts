import { AsyncLocalStorage } from "node:async_hooks";
import type { PGlite } from "@electric-sql/pglite";

/** What drizzle uses of a PGlite. */
type Client = Pick<PGlite, "query" | "transaction">;

/**
 * Refuses a query that is asked for from inside a transaction but not of it. PGlite is one connection: such a query
 * waits for the transaction to end and the transaction for the query, and everything stands still without a word.
 */
export function guardTransactions(client: PGlite): PGlite {
  const running = new AsyncLocalStorage<{ open: boolean }>();

  function refuseInside(): void {
    if (running.getStore()?.open !== true) return;
    throw new Error("Inside of a transaction use the `tx` that it gives, and wait for nothing else.");
  }

  const guarded: Client = {
    async query(text, params, options) {
      refuseInside();
      return client.query(text, params, options);
    },
    async transaction(run) {
      refuseInside();
      const scope = { open: true };
      try {
        return await client.transaction((tx) => running.run(scope, () => run(tx)));
      } finally {
        scope.open = false;
      }
    },
  };
  return guarded as PGlite; // drizzle calls nothing but these two
}
