import { type ClientBase, DatabaseError, type Pool, type QueryConfig, type QueryResult } from "pg";

/** What drizzle calls of a client. */
export type QueryClient = { query(config: QueryConfig, values?: readonly unknown[]): Promise<QueryResult> };

/** Runs statements on a pooled connection. */
export type Run = (client: ClientBase, config: QueryConfig, values?: readonly unknown[]) => Promise<QueryResult>;

/** How many different statements a connection keeps prepared; what comes after that is planned each time. */
const maxStatements = 1_000;

const broken = new WeakSet<ClientBase>();

/**
 * Gives the function that runs a statement, prepared under a name of its own if it has parameters: drizzle names none,
 * and without a name the server parses and plans each time. Marks a connection as broken when it failed other than by an
 * error of the server, for example a query that was given up and whose answer may still come.
 */
export function createRun(prepare: boolean): Run {
  const names = new Map<string, string>();

  function nameOf(text: string): string | undefined {
    if (!names.has(text) && names.size < maxStatements) names.set(text, `s${names.size}`);
    return names.get(text);
  }

  return async (client, config, values = []) => {
    const name = prepare && values.length > 0 ? nameOf(config.text) : undefined;
    try {
      return await client.query(name === undefined ? config : { ...config, name }, values.map(toParameter));
    } catch (error) {
      if (!(error instanceof DatabaseError) || endsSession(error)) broken.add(client);
      throw error;
    }
  };
}

/** Lends a connection to some work, and keeps it only if it is whole and outside of a transaction afterwards. */
export async function withClient<Result>(pool: Pool, work: (client: ClientBase) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  try {
    return await work(client);
  } finally {
    client.release(broken.has(client) || client.getTransactionStatus() !== "I");
  }
}

/** Connection exceptions, shutdowns, and the two timeouts by which the server ends a session. */
function endsSession({ code = "" }: DatabaseError): boolean {
  return /^(08|57P|25P0[34])/.test(code);
}

/** The driver would write a Date in the time zone of this process, which a column without one then takes literally. */
function toParameter(value: unknown): unknown {
  return value instanceof Date ? value.toISOString() : value;
}
