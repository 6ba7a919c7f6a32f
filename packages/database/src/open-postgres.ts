import { drizzle } from "drizzle-orm/node-postgres";
import { Client, type ClientBase, type ClientConfig, Pool, type QueryConfig, type QueryResult } from "pg";
import { readConnectionConfig } from "./connection-config.ts";
import { isStatementLost } from "./error-codes.ts";
import { type MigrationTarget, runMigrations } from "./migrate.ts";
import { type Observe, observeRun } from "./observe.ts";
import { createLend, createRun, type QueryClient, type Run } from "./postgres-client.ts";
import { createPostgresListener } from "./postgres-listener.ts";
import { createTransactionClient } from "./postgres-transaction.ts";
import { postgresTypes } from "./postgres-types.ts";
import { rowsOf } from "./rows.ts";
import { createSchemaNames, type SchemaNames } from "./schema-names.ts";
import { createStatementNames } from "./statement-names.ts";
import type { OpenDatabase, Row } from "./types.ts";
import { createWriteCheck } from "./write-check.ts";

/** Settings of the connections to PostgreSQL. */
export type PostgresOptions = {
  /** How many connections at most, 10 unless told. One more is opened by the first `listen`. */
  readonly poolSize?: number;
  /** After how long the server gives up on a statement, in ms; 30 s unless told, 0 for never. Migrations are exempt. */
  readonly statementTimeoutMs?: number;
  /**
   * Whether statements are prepared, as they are unless told. A pooler in between that hands each transaction another
   * session may not bear it; one that shows so is noticed, and nothing is prepared from then on.
   */
  readonly prepare?: boolean;
  /** The URL of the same database without a pooler in between, for `listen`; `url` itself unless told. */
  readonly listenUrl?: string | undefined;
  /** What schemas are called in this database, by the names that statements have for them; see `createSchemaNames`. */
  readonly schemas?: Readonly<Record<string, string>>;
  /** Receives the server's notices, for example "relation exists, skipping". They are dropped unless told. */
  readonly onNotice?: (message: string) => void;
  /** What the connections are called in pg_stat_activity. */
  readonly applicationName?: string;
  /** Told of every statement, for traces; see `Observe`. */
  readonly observe?: Observe | undefined;
};

const connectTimeoutMs = 10_000;
const closeTimeoutMs = 5_000;

/** How much longer than the server to wait for an answer, before the connection is taken for dead. */
const patienceMs = 5_000;

/** `OpenDatabase` over a pool of connections. */
export function openPostgres(url: string, options: PostgresOptions): OpenDatabase {
  const { statementTimeoutMs = 30_000, poolSize = 10, prepare = true } = options;
  const base = baseConfig(url, options);
  const names = createStatementNames(prepare);
  const schemas = createSchemaNames(options.schemas ?? {});
  const named = createRun(names.nameOf);
  const renamed: Run = (one, config, values) => named(one, { ...config, text: schemas.rename(config.text) }, values);
  const run = observeRun(renamed, options.observe);
  const pool = new Pool({
    ...base,
    max: poolSize,
    idleTimeoutMillis: 60_000,
    maxLifetimeSeconds: 30 * 60,
    ...(statementTimeoutMs > 0 ? { query_timeout: statementTimeoutMs + patienceMs } : {}),
    // oxlint-disable-next-line typescript/no-misused-promises -- the pool waits for it, which its types do not say
    onConnect: (one) => setUp(one, statementTimeoutMs),
  });
  pool.on("error", () => undefined); // an idle connection was lost: the pool has dropped it, the next query opens one
  pool.on("connect", (client) => attend(client, options));

  const listening = { ...base, ...baseConfig(options.listenUrl ?? url, options) };
  const listener = createPostgresListener({
    createClient: () => attend(new Client(listening), options),
    notify: async (channel, payload) => void (await query("select pg_notify($1, $2)", [channel, payload])),
  });
  const lend = createLend(pool, () => listener.renew());

  async function runOnce(config: QueryConfig, values?: readonly unknown[]): Promise<QueryResult> {
    const attempt = () => lend((one) => run(one, config, values));
    return await attempt().catch((error: unknown) => {
      if (!isStatementLost(error)) throw error;
      names.stop();
      return attempt(); // the server has executed nothing
    });
  }

  const client: QueryClient = { query: runOnce };
  const db = toDrizzle(client);
  db.transaction = (work, config) =>
    lend(async (one) => {
      const transaction = createTransactionClient(one, run);
      return toDrizzle(transaction)
        .transaction(work, config)
        .catch((error: unknown) => {
          if (isStatementLost(error)) names.stop(); // what was begun is rolled back, and its caller told to try again
          throw error;
        })
        .finally(transaction.end);
    });
  const query = async (text: string, params: readonly unknown[] = []) => rowsOf(await client.query({ text }, params));
  let closing: Promise<void> | null = null;

  return {
    kind: "postgres",
    db,
    query,
    migrate: (name, folder) => migrateLocked(attend(new Client(base), options), { name, folder, schemas }),
    async ping() {
      await query("select 1");
    },
    checkWritable: createWriteCheck(query),
    pool: () => ({ size: poolSize, open: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    listen: listener.listen,
    close() {
      closing ??= Promise.all([listener.close(), endPool(pool)]).then(() => undefined);
      return closing;
    },
  };
}

function baseConfig(url: string, { applicationName = "countersign" }: PostgresOptions): ClientConfig {
  return {
    ...readConnectionConfig(url),
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    application_name: applicationName,
    types: postgresTypes,
  };
}

/**
 * What a session is set to, by statements: a pooler refuses what it does not know among the parameters of a start. UTC, so
 * that a timestamp reads the same from both drivers, wherever the server stands.
 */
async function setUp(client: ClientBase, statementTimeoutMs: number): Promise<void> {
  await client.query(`set timezone to 'UTC'; set statement_timeout to ${Math.trunc(statementTimeoutMs)}`);
}

/** Without a listener, the loss of a connection would be an uncaught exception; whoever uses it sees its query fail. */
function attend<Attended extends ClientBase>(client: Attended, { onNotice }: PostgresOptions): Attended {
  client.on("error", () => undefined);
  client.on("notice", (notice) => onNotice?.(notice.message ?? ""));
  return client;
}

function toDrizzle(client: QueryClient) {
  return drizzle(client as unknown as Pool); // drizzle calls nothing but `query`, as `transaction` is replaced
}

type Migrating = { readonly name: string; readonly folder: string; readonly schemas: SchemaNames };

/**
 * In one transaction, whose lock lets one replica migrate while the others wait: a lock of the session would outlive the
 * migration behind a pooler, which keeps sessions.
 */
async function migrateLocked(session: Client, { name, folder, schemas }: Migrating): Promise<void> {
  await session.connect();
  const target: MigrationTarget = {
    query: async (text, params = []) => (await session.query<Row>(schemas.rename(text), [...params])).rows,
    execute: async (text) => void (await session.query(schemas.rename(text))),
    schemaOf: schemas.nameOf,
  };
  try {
    await session.query("begin");
    await session.query("set local statement_timeout to 0; set local timezone to 'UTC'");
    await session.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [`countersign:migrate:${name}`]);
    await runMigrations(target, name, folder);
    await session.query("commit");
  } finally {
    await session.end(); // which rolls back what is not committed
  }
}

/** The pool waits for connections that are in use, without end; a process that stops does not. */
async function endPool(pool: Pool): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, closeTimeoutMs);
  });
  await Promise.race([pool.end(), patience]).finally(() => clearTimeout(timer));
}
