import { drizzle } from "drizzle-orm/postgres-js";
import { migrate } from "drizzle-orm/postgres-js/migrator";
import postgres, { type Notice, type Options, type PostgresType, type Sql } from "postgres";
import { runMigrations } from "./migrate.ts";
import { createPostgresListener } from "./postgres-listener.ts";
import { prepareStatements } from "./prepare-statements.ts";
import type { OpenDatabase, Row } from "./types.ts";

/** Settings of the connections to PostgreSQL. */
export type PostgresOptions = {
  /** How many connections at most, 10 unless told. One more is opened by the first `listen`. */
  readonly poolSize?: number;
  /** After how long the server gives up on a statement, in ms; 30 s unless told, 0 for never. Migrations are exempt. */
  readonly statementTimeoutMs?: number;
  /** Receives the server's notices, for example "relation exists, skipping". They are dropped unless told. */
  readonly onNotice?: (message: string) => void;
  /** What the connections are called in pg_stat_activity. */
  readonly applicationName?: string;
};

type DriverOptions = Options<Record<string, PostgresType>>;

/** `OpenDatabase` over postgres.js. Prepared statements are on; `?prepare=false` in the URL turns them off (poolers). */
export function openPostgres(url: string, options: PostgresOptions): OpenDatabase {
  const base = driverOptions(options);
  const { statementTimeoutMs = 30_000, poolSize = 10 } = options;
  const sql = postgres(url, {
    ...base,
    max: poolSize,
    idle_timeout: 60,
    connection: { ...base.connection, statement_timeout: statementTimeoutMs },
  });
  const db = drizzle(prepareStatements(sql));
  acceptDates(sql);
  let closing: Promise<void> | null = null;
  const listener = createPostgresListener((hooks) => postgres(url, { ...base, ...longLived, ...hooks }));

  return {
    kind: "postgres",
    db,
    query: (text, params = []) => query(sql, text, params),
    async migrate(name, folder) {
      const session = postgres(url, { ...base, ...longLived });
      try {
        await migrateLocked(session, name, folder);
      } finally {
        await session.end({ timeout: 5 });
      }
    },
    async ping() {
      await sql`select 1`;
    },
    listen: listener.listen,
    close() {
      closing ??= Promise.all([listener.close(), sql.end({ timeout: 5 })]).then(() => undefined);
      return closing;
    },
  };
}

/** For a connection whose session matters: one, never recycled. */
const longLived = { max: 1, idle_timeout: 0, max_lifetime: null } satisfies DriverOptions;

function driverOptions({ onNotice, applicationName = "countersign" }: PostgresOptions): DriverOptions {
  return {
    connect_timeout: 10,
    onnotice: (notice: Notice) => onNotice?.(notice["message"] ?? ""),
    // UTC, so that a timestamp reads the same from both drivers wherever the server stands.
    connection: { application_name: applicationName, TimeZone: "UTC" },
  };
}

/** A session lock, since the migrator begins a transaction of its own. It ends with the session at the latest. */
async function migrateLocked(session: Sql, name: string, folder: string): Promise<void> {
  await query(session, "select pg_advisory_lock(hashtextextended($1, 0))", [`countersign:migrate:${name}`]);
  await runMigrations(
    { query: (text, params) => query(session, text, params), apply: (config) => migrate(drizzle(session), config) },
    name,
    folder,
  );
}

async function query(sql: Sql, text: string, params: readonly unknown[]): Promise<readonly Row[]> {
  const values = [...params] as never[]; // postgres.js types parameters by their serializers; the server checks them
  return sql.unsafe(text, values, { prepare: params.length > 0 });
}

/** drizzle replaces the serializers of dates by the identity, with which a Date in a raw statement throws. */
function acceptDates(sql: Sql): void {
  for (const type of [1082, 1114, 1184]) {
    sql.options.serializers[type] = (value: unknown) => (value instanceof Date ? value.toISOString() : value);
  }
}
