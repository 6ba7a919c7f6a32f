import type { EventBus } from "./bus.ts";
import { BusError, type OnBusError } from "./bus-error.ts";
import { checkEvent, checkTopic } from "./checked-event.ts";
import { createPostgresLog } from "./postgres/log.ts";
import type { PostgresPort } from "./postgres/port.ts";
import { channelOf } from "./postgres/statements.ts";
import { createPump, type Pump } from "./pump.ts";

/** What the bus over PostgreSQL needs. */
export type PostgresBusOptions = {
  /** Stays open when the bus is closed. */
  readonly database: PostgresPort;
  /** ms since the epoch. */
  readonly now: () => number;
  /** For how long events are replayed and their keys remembered, in ms. Keys may be remembered a minute longer. */
  readonly retentionMs: number;
  readonly onError: OnBusError;
  /** The schema of the log, made when missing; `events` unless told. */
  readonly schema?: string;
  /** How often to look for events without being notified, in ms; 5 s unless told. */
  readonly pollMs?: number;
};

const relistenMs = 1_000;

/**
 * The bus of several processes that share a database, without a broker. Events are rows of a table; NOTIFY only wakes the
 * subscribers, who read the table from where they are. So a lost notification delays and loses nothing: the table is
 * read again after each reconnect, and now and then in any case, since a dead connection may say nothing for minutes.
 *
 * An event is published by a statement of its own. What has to happen with a change in the same transaction goes to an
 * outbox in that transaction, and from there to the bus.
 */
export function createPostgresBus(options: PostgresBusOptions): EventBus {
  const { database, onError, schema = "events", pollMs = 5_000 } = options;
  if (!/^[a-z_][a-z0-9_]{0,50}$/.test(schema)) throw new TypeError("A schema is a lower-case name without quotes.");
  const log = createPostgresLog({ ...options, schema });
  const topics = new Map<string, Set<Pump>>();
  let connected = false;
  let isTold = false;
  let closed = false;
  let poll: NodeJS.Timeout | undefined;
  let relisten: NodeJS.Timeout | undefined;
  let listening: Promise<() => Promise<void>> | null = null;

  function check(topic: string): void {
    if (closed) throw new BusError("closed", "The event bus is closed.");
    checkTopic(topic);
  }

  function pumps(): readonly Pump[] {
    return [...topics.values()].flatMap((set) => [...set]);
  }

  function setConnected(next: boolean): void {
    connected = next;
    for (const pump of pumps()) pump.setConnected(next);
  }

  function start(): void {
    if (listening !== null) return;
    listening = database.listen(
      channelOf(schema),
      (topic) => {
        for (const pump of topics.get(topic) ?? []) pump.wake();
      },
      {
        onState: (state) => {
          if (state === "live") isTold = false;
          setConnected(state === "live");
        },
      },
    );
    listening.catch((cause: unknown) => {
      listening = null;
      if (!isTold && isDeaf(cause))
        onError(new BusError("unavailable", "The database cannot be listened to.", { cause }));
      isTold = true; // once, until it can
      if (!closed) relisten = setTimeout(start, relistenMs); // the subscribers have not been told `live`
    });
    poll ??= setInterval(() => pumps().forEach((pump) => pump.wake()), pollMs).unref();
  }

  return {
    async publish(topic, event) {
      check(topic);
      const checked = checkEvent(event);
      try {
        await log.append(topic, checked);
      } catch (cause) {
        throw new BusError("unavailable", "The event could not be stored.", { cause });
      }
    },
    subscribe(topic, subscriber) {
      check(topic);
      const set = topics.get(topic) ?? new Set();
      topics.set(topic, set);
      const source = {
        read: (after: string | undefined) => log.read(topic, after),
        onError,
        onClose: () => set.delete(pump),
      };
      const pump = createPump(source, subscriber, connected);
      set.add(pump);
      start();
      return pump;
    },
    async close() {
      if (closed) return;
      closed = true;
      clearInterval(poll);
      clearTimeout(relisten);
      await Promise.all(pumps().map((pump) => pump.close()));
      const unlisten = await listening?.catch(() => null); // there is none to end
      await unlisten?.();
    },
  };
}

/** Whether LISTEN is accepted and hears nothing, which does not heal by itself as an outage does. */
function isDeaf(cause: unknown): boolean {
  return cause instanceof Error && cause.name === "ListenError";
}
