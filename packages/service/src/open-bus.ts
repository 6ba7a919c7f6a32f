import type { ServiceCalls, ServiceStreams } from "@countersign/client/service";
import type { Log } from "@countersign/context";
import type { OpenDatabase } from "@countersign/database";
import { createInProcessBus, createNatsBus, createPostgresBus, type EventBus } from "@countersign/events";
import { createAuthBus } from "./feed/auth-bus.ts";
import type { EventsOptions } from "./settings/events-options.ts";

export type BusSettings = {
  /**
   * `nats://…`, or `auth` for auth's own feed over HTTP. Without it events travel through PostgreSQL when that is the
   * database, which must then be the one that auth has.
   */
  readonly eventsUrl: string | undefined;
  /** How a NATS server is spoken to, beside its URL. */
  readonly broker?: EventsOptions["broker"] | undefined;
  /** Null for who has none, and is told by `eventsUrl` where events travel. */
  readonly database: OpenDatabase | null;
  readonly log: Log;
  /** How auth is reached, for a service in a process of its own; auth itself and what it shares a process with have none. */
  readonly auth?: { readonly streams: ServiceStreams; readonly call: ServiceCalls };
};

/** Longer than any access token lives, so that a replay of what is retained is a whole snapshot. */
const retentionMs = 20 * 60_000;

/**
 * Opens the event bus that the settings name: NATS JetStream when there is a URL for it, PostgreSQL when that is the
 * database, and else, with an embedded one, in process, or from auth where auth is another process.
 *
 * @throws TypeError for `auth` where there is no way to reach it, and where nothing says where events travel
 */
export function openBus({ eventsUrl, broker, database, log, auth }: BusSettings): EventBus {
  const onError = (error: unknown) => log.error({ err: error }, "The event bus reported an error.");
  const options = { now: Date.now, retentionMs, onError };
  if (eventsUrl === "auth" && auth === undefined) throw new TypeError("Auth cannot follow itself.");
  const followsAuth = eventsUrl === "auth" || (eventsUrl === undefined && database?.kind === "pglite");
  if (auth !== undefined && followsAuth) return createAuthBus({ ...auth, onError });
  if (eventsUrl !== undefined) return createNatsBus({ ...options, ...broker, url: eventsUrl });
  if (database === null) throw new TypeError("There is neither a broker nor a database that events could travel by.");
  return database.kind === "postgres" ? createPostgresBus({ ...options, database }) : createInProcessBus(options);
}
