import { type ClientBase, DatabaseError, type Pool, type PoolClient, type QueryConfig, type QueryResult } from "pg";
import { endsConnection, endsServer } from "./error-codes.ts";

/** What drizzle calls of a client. */
export type QueryClient = { query(config: QueryConfig, values?: readonly unknown[]): Promise<QueryResult> };

/** Runs statements on a pooled connection. */
export type Run = (client: ClientBase, config: QueryConfig, values?: readonly unknown[]) => Promise<QueryResult>;

const broken = new WeakSet<ClientBase>();
/** Connections to a server that said itself that it is no longer the one to ask. */
const outdated = new WeakSet<ClientBase>();

/**
 * Gives the function that runs a statement, prepared under a name of its own if it has parameters: drizzle names none,
 * and without a name the server parses and plans each time. Marks a connection as broken when it failed other than by an
 * error of the server, for example a query that was given up and whose answer may still come.
 *
 * @param nameOf the name of a statement's text; undefined for one that is not prepared
 */
export function createRun(nameOf: (text: string) => string | undefined): Run {
  return async (client, config, values = []) => {
    const name = values.length > 0 ? nameOf(config.text) : undefined;
    try {
      return await client.query(name === undefined ? config : { ...config, name }, values.map(toParameter));
    } catch (error) {
      if (!(error instanceof DatabaseError) || endsConnection(error)) broken.add(client);
      if (error instanceof DatabaseError && endsServer(error)) outdated.add(client);
      throw error;
    }
  };
}

/** Lends the connections of a pool, each to one piece of work at a time. */
export type Lend = <Result>(work: (client: ClientBase) => Promise<Result>) => Promise<Result>;

/**
 * Gives the function that lends a connection and keeps it only if it is whole and outside of a transaction afterwards.
 * Once a server said that it takes no more writes or stops, no connection that was opened before is lent again: after a
 * failover the others lead to the same server, and would answer the same for as long as the pool keeps them.
 *
 * @param onOutdated called each time that the connections opened so far are given up
 */
export function createLend(pool: Pool, onOutdated: () => void): Lend {
  const openedIn = new WeakMap<ClientBase, number>();
  let generation = 0;
  pool.on("connect", (client) => openedIn.set(client, generation));

  async function current(): Promise<PoolClient> {
    for (;;) {
      const client = await pool.connect();
      if (openedIn.get(client) === generation) return client;
      client.release(true);
    }
  }

  return async (work) => {
    const client = await current();
    try {
      return await work(client);
    } finally {
      const isOutdated = outdated.has(client) && openedIn.get(client) === generation;
      if (isOutdated) generation += 1;
      client.release(broken.has(client) || client.getTransactionStatus() !== "I");
      if (isOutdated) onOutdated();
    }
  };
}

/** The driver would write a Date in the time zone of this process, which a column without one then takes literally. */
function toParameter(value: unknown): unknown {
  return value instanceof Date ? value.toISOString() : value;
}
