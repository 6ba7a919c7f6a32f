import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";

/**
 * The SQL-like builder of drizzle with `.execute` and `.transaction`, as both drivers give it. The transaction that
 * `.transaction` hands out is a `Database` too, so a helper that takes a `Database` runs inside and outside of one.
 * Rows of `.execute` differ between the drivers: read them with `rowsOf`.
 */
export type Database = PgDatabase<PgQueryResultHKT>;

/** One row of a query that has no schema: column name to value. */
export type Row = Readonly<Record<string, unknown>>;

/** Whether notifications arrive: `live` after LISTEN was accepted, `down` from the loss of the connection until then. */
export type ListenState = "live" | "down";

/** Settings of `listen`. */
export type ListenOptions = {
  /**
   * Called with `live` before `listen` resolves and then with every change. Notifications sent while it was `down` are
   * lost, as PostgreSQL keeps none: on `live`, read from a table what was missed.
   */
  readonly onState?: (state: ListenState) => void;
};

/** How the connections to a server stand: how many there may be, are, and are free, and how many queries wait for one. */
export type PoolState = {
  readonly size: number;
  readonly open: number;
  readonly idle: number;
  readonly waiting: number;
};

/** An open database and what only its driver can do. */
export type OpenDatabase = {
  /** Which engine answers: PostgreSQL compiled to WebAssembly inside this process, or a PostgreSQL server. */
  readonly kind: "pglite" | "postgres";

  /**
   * The query builder.
   *
   * Inside `db.transaction(async (tx) => …)` use `tx` alone, and await nothing but `tx`: no `db`, no call of another
   * service, no hash, no mail. PGlite is one connection, so its transactions run one after the other; a query on `db`
   * from inside one would wait for its own end, and is refused with an error instead. On PostgreSQL the same code would
   * hold row locks and a pooled connection for as long as the other thing takes.
   */
  readonly db: Database;

  /**
   * Runs one statement with `$1…` parameters and gives its rows: bigint and numeric as strings, timestamps as
   * PostgreSQL prints them, json parsed; the same from both drivers.
   */
  query(text: string, params?: readonly unknown[]): Promise<readonly Row[]>;

  /**
   * Brings the schema `name` up to the migrations in `folder` (drizzle-kit's, absolute path). The journal lives in the
   * same schema, so services share a database without seeing each other. Safe when replicas start at once: an advisory
   * lock lets one migrate and the others find it done. Throws `MigrationError` when the folder is not in order, an
   * applied migration was changed, or one would be skipped.
   */
  migrate(name: string, folder: string): Promise<void>;

  /** Resolves when the database answers; otherwise rejects with an error of which `isUnavailable` is true. */
  ping(): Promise<void>;

  /**
   * Resolves when a write to the schema `name`, which was migrated, is stored. Writes a row of the journal of migrations
   * as it is, once a second at most: who asks again within a second is given the same answer. Rejects otherwise, with an
   * error of which `isReadOnly` is true for a server that takes no writes.
   */
  checkWritable(name: string): Promise<void>;

  /** How its connections stand, for metrics; null for PGlite, which has none. */
  pool(): PoolState | null;

  /**
   * Subscribes to NOTIFY on `channel`, a lower-case name that needs no quotes, and gives the function that ends it.
   * Rejects when the first LISTEN fails; later losses heal by themselves and show in `onState`. Payloads arrive in the
   * order of the commits that sent them. A connection that is cut without a word is noticed by TCP keep-alive only,
   * after minutes: who depends on it reads the table now and then as well.
   */
  listen(channel: string, onPayload: (payload: string) => void, options?: ListenOptions): Promise<() => Promise<void>>;

  /** Ends all connections after the running queries, and releases the data directory. Calling it again is harmless. */
  close(): Promise<void>;
};
