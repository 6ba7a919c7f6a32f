import type { ClientBase, QueryResult } from "pg";
import type { QueryClient, Run } from "./postgres-client.ts";
import { createTurns } from "./turns.ts";

/** A connection for one transaction, which drizzle begins, commits or rolls back. */
export type TransactionClient = QueryClient & { readonly end: () => void };

const nothing: QueryResult = { rows: [], rowCount: 0, command: "", oid: 0, fields: [] };

/**
 * Holds a transaction to what drizzle leaves open: a COMMIT after a failed statement, which PostgreSQL answers by rolling
 * back without an error, throws; a ROLLBACK that fails does not hide why there was one; and a `tx` that was kept
 * beyond the end does not reach the connection, which is somebody else's by then.
 */
export function createTransactionClient(client: ClientBase, run: Run): TransactionClient {
  const inTurn = createTurns();
  let ended = false;

  return {
    query(config, values) {
      return inTurn(async () => {
        if (ended) throw new Error("This transaction has ended.");
        if (config.text === "rollback") return run(client, config).catch(() => nothing); // the connection is not kept
        const result = await run(client, config, values);
        if (config.text !== "commit" || result.command === "COMMIT") return result;
        throw new Error("The transaction was rolled back, as a statement of it failed.");
      });
    },
    end: () => {
      ended = true;
    },
  };
}
