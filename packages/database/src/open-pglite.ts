import { PGlite, types } from "@electric-sql/pglite";
import { drizzle } from "drizzle-orm/pglite";
import { checkChannel } from "./channel.ts";
import { guardTransactions } from "./guard-transactions.ts";
import { type MigrationTarget, runMigrations } from "./migrate.ts";
import { type Observe, observePglite } from "./observe.ts";
import { createTurns } from "./turns.ts";
import type { OpenDatabase, Row } from "./types.ts";
import { createWriteCheck } from "./write-check.ts";

/** Where a PGlite keeps its data: a directory, or the memory of this process. */
export type PgliteOptions = { readonly directory?: string; readonly snapshot?: Blob };

/**
 * What PGlite would turn into a number or a bigint by its size, or into a Date that has lost the microseconds. drizzle
 * makes of the text what the column's mode says.
 */
const readAsText = [types.INT8, types.DATE, types.TIMESTAMP, types.TIMESTAMPTZ, types.INTERVAL];

/** A PGlite that reads values as the driver of PostgreSQL is told to. */
export function createPglite({ directory, snapshot }: PgliteOptions): Promise<PGlite> {
  return PGlite.create({
    parsers: Object.fromEntries(readAsText.map((type) => [type, (value: string) => value])),
    ...(directory === undefined ? {} : { dataDir: directory }),
    ...(snapshot === undefined ? {} : { loadDataDir: snapshot }),
  });
}

/** `OpenDatabase` over a PGlite, which is closed with it. */
export function fromPglite(client: PGlite, observe?: Observe): OpenDatabase {
  const guarded = observePglite(guardTransactions(client), observe);
  const db = drizzle(guarded);
  const query = async (text: string, params: readonly unknown[] = []) =>
    (await guarded.query<Row>(text, [...params])).rows;
  const inTurn = createTurns();
  let closing: Promise<void> | null = null;

  return {
    kind: "pglite",
    db,
    query,
    migrate: (name, folder) =>
      inTurn(() =>
        client.transaction(async (tx) => {
          const target: MigrationTarget = {
            query: async (text, params = []) => (await tx.query<Row>(text, [...params])).rows,
            execute: async (text) => void (await tx.exec(text)),
            schemaOf: (schema) => schema,
          };
          await runMigrations(target, name, folder);
        }),
      ),
    async ping() {
      await query("select 1");
    },
    checkWritable: createWriteCheck(query),
    pool: () => null,
    async listen(channel, onPayload, options = {}) {
      checkChannel(channel);
      const unlisten = await client.listen(channel, onPayload);
      options.onState?.("live");
      return () => unlisten();
    },
    close() {
      closing ??= client.close();
      return closing;
    },
  };
}
