import type { Log } from "@countersign/context";
import type { OpenDatabase } from "@countersign/database";
import { createInProcessBus, type EventBus } from "@countersign/events";

export type BusSettings = {
  /** `nats://…`; without it events travel through the database. */
  readonly eventsUrl: string | undefined;
  readonly database: OpenDatabase;
  readonly log: Log;
};

/** Longer than any access token lives, so that a replay of what is retained is a whole snapshot. */
const retentionMs = 20 * 60_000;

/** Opens the event bus that the settings name: in process for an embedded database, which one process alone can hold. */
export function openBus({ log }: BusSettings): EventBus {
  return createInProcessBus({
    now: Date.now,
    retentionMs,
    onError: (error) => log.error({ err: error }, "The event bus reported an error."),
  });
}
