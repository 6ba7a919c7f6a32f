import type { BusEvent } from "../bus.ts";
import type { CheckedEvent } from "../checked-event.ts";
import type { Batch } from "../pump.ts";
import type { PostgresPort } from "./port.ts";
import { createLogStatement, statementsOf } from "./statements.ts";

/** What the log needs. */
export type PostgresLogOptions = {
  readonly database: Pick<PostgresPort, "query">;
  readonly schema: string;
  /** ms since the epoch. */
  readonly now: () => number;
  readonly retentionMs: number;
};

/** The table of events. */
export type PostgresLog = {
  /** Stores an event unless its key is there, and notifies the channel when the event can be read. */
  append(topic: string, event: CheckedEvent): Promise<void>;
  /** The next events after a position. */
  read(topic: string, after: string | undefined): Promise<Batch>;
};

const batchSize = 256;
const purgeFloorMs = 60_000;

/**
 * Events in a table, made at the first use. A position is taken from a sequence under a lock of the topic that is held
 * until the commit, so that no event becomes visible behind one that was read already, as it would if numbers could
 * commit in another order than they were drawn. The sequence starts at the time of its making, in microseconds: a log
 * that was made anew goes on above the one before.
 */
export function createPostgresLog({ database, schema, now, retentionMs }: PostgresLogOptions): PostgresLog {
  const statements = statementsOf(schema);
  let prepared: Promise<void> | null = null;
  let purgeAfter = 0;

  function prepare(): Promise<void> {
    prepared ??= preparePostgresLog(database, schema).catch((error: unknown) => {
      prepared = null;
      throw error;
    });
    return prepared;
  }

  async function purge(): Promise<void> {
    if (now() < purgeAfter) return;
    purgeAfter = now() + Math.min(purgeFloorMs, retentionMs);
    await database.query(statements.purge, [now() - retentionMs]);
  }

  return {
    async append(topic, { key, json }) {
      await prepare();
      await purge();
      await database.query(statements.append, [topic, key, json, now()]);
    },
    async read(topic, after) {
      await prepare();
      const rows = await database.query(statements.read, [topic, toNumber(after), now() - retentionMs, batchSize]);
      return { events: rows.map((row) => toEvent(topic, row)), more: rows.length === batchSize };
    },
  };
}

/**
 * Makes the log in this schema unless it is there; the first use of the log does so too. It is looked for first, as a role
 * that uses the log need not have the right to make it.
 */
export async function preparePostgresLog(database: Pick<PostgresPort, "query">, schema = "events"): Promise<void> {
  const [found] = await database.query("select to_regclass($1) is not null as made", [`${schema}.log`]);
  if (found?.["made"] !== true) await database.query(createLogStatement(schema), []);
}

/** A bigint as text, or 0, which comes before all positions, for what is none. */
function toNumber(after: string | undefined): string {
  return after !== undefined && /^\d{1,18}$/.test(after) ? after : "0";
}

function toEvent(topic: string, row: Readonly<Record<string, unknown>>): BusEvent {
  const data: unknown = JSON.parse(String(row["data"]));
  return { id: String(row["id"]), topic, key: String(row["key"]), data, at: Number(row["at"]) };
}
