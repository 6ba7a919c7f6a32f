import type { OpenDatabase } from "@countersign/database";
import type { Metrics } from "./metrics.ts";

/** The numbers of a pool of connections; none for an embedded database, which has no pool. */
export function watchDatabase(metrics: Metrics, database: OpenDatabase): void {
  if (database.pool() === null) return;
  const help = "Connections to the database by state, and queries that wait for one.";
  metrics.watchEach("countersign_database_pool", help, {
    label: "state",
    read() {
      const { open = 0, idle = 0, waiting = 0 } = database.pool() ?? {};
      return { used: open - idle, idle, waiting };
    },
  });
  metrics.watch("countersign_database_pool_size", "The most connections.", () => database.pool()?.size ?? 0);
}
