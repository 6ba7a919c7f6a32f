import type { PGlite } from "@electric-sql/pglite";
import type { Run } from "./postgres-client.ts";

/**
 * Stands around every statement: does `run` once and gives what it gives. It is told the text, in which values are `$1…`,
 * and never the values: they are users' data.
 */
export type Observe = <Result>(statement: string, run: () => Promise<Result>) => Promise<Result>;

/** Statements to PostgreSQL, observed; the same function when nobody wants to know. */
export function observeRun(run: Run, observe: Observe | undefined): Run {
  if (observe === undefined) return run;
  return (client, config, values) => observe(config.text, () => run(client, config, values));
}

/** Statements to PGlite, observed, in transactions too; the same object when nobody wants to know. */
export function observePglite(client: PGlite, observe: Observe | undefined): PGlite {
  if (observe === undefined) return client;
  const observed: Client = {
    query: (text, params, options) => observe(text, () => client.query(text, params, options)),
    transaction: (work) =>
      client.transaction((tx) => {
        const query: typeof tx.query = (text, params, options) => observe(text, () => tx.query(text, params, options));
        return work({ ...tx, query });
      }),
  };
  return observed as PGlite; // drizzle calls nothing but these two
}

/** What drizzle uses of a PGlite. */
type Client = Pick<PGlite, "query" | "transaction">;
