import type { Log } from "@countersign/context";
import type { OpenDatabase } from "@countersign/database";
import { createInProcessBus, createNatsBus, createPostgresBus, type EventBus } from "@countersign/events";

export type BusSettings = {
  /** `nats://…`; without it events travel through the database. */
  readonly eventsUrl: string | undefined;
  readonly database: OpenDatabase;
  readonly log: Log;
};

/** Longer than any access token lives, so that a replay of what is retained is a whole snapshot. */
const retentionMs = 20 * 60_000;

/**
 * Opens the event bus that the settings name: NATS JetStream when there is a URL for it, else over PostgreSQL when that
 * is the database, and in process for an embedded one, which one process alone can hold.
 */
export function openBus({ eventsUrl, database, log }: BusSettings): EventBus {
  const onError = (error: unknown) => log.error({ err: error }, "The event bus reported an error.");
  const options = { now: Date.now, retentionMs, onError };
  if (eventsUrl !== undefined) return createNatsBus({ ...options, url: eventsUrl });
  return database.kind === "postgres" ? createPostgresBus({ ...options, database }) : createInProcessBus(options);
}
