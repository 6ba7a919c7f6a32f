import type { JetStreamClient, JetStreamManager, StreamConfig } from "@nats-io/jetstream";
import type { NatsServers } from "./servers.ts";

/** The stream of a bus. */
export type StreamOptions = {
  /** Its name, and the first word of its subjects. */
  readonly stream: string;
  readonly retentionMs: number;
  /** How many servers of a cluster keep it. */
  readonly replicas: number;
};

/** What a stream is now. */
export type StreamState = {
  /** When it was made, in ms since the epoch: another one of the same name has other positions. */
  readonly epoch: number;
  readonly lastSequence: number;
};

/** One connection to a broker, from its beginning to its end; another one follows as another link. */
export type NatsLink = {
  readonly jetstream: JetStreamClient;
  /** Makes the stream unless it is there, and says where it stands. */
  readonly prepare: () => Promise<StreamState>;
  readonly closed: Promise<void>;
  readonly close: () => Promise<void>;
};

const connectTimeoutMs = 5_000;
const requestTimeoutMs = 2_000;
const nanosPerMs = 1_000_000;

/** Connects, and prepares the stream. A dead connection is noticed by the third ping without an answer. */
export async function openLink(servers: NatsServers, options: StreamOptions): Promise<NatsLink> {
  // Loaded by those alone who have a broker.
  const [{ connect }, { jetstreamManager }] = await Promise.all([
    import("@nats-io/transport-node"),
    import("@nats-io/jetstream"),
  ]);
  const connection = await connect({
    ...servers,
    name: options.stream,
    reconnect: false, // a new link is opened instead, so that the state of one is never in doubt
    timeout: connectTimeoutMs,
    pingInterval: 5_000,
    maxPingOut: 2,
  });
  try {
    const manager = await jetstreamManager(connection, { timeout: requestTimeoutMs });
    const link = {
      jetstream: manager.jetstream(),
      prepare: () => prepareStream(manager, options),
      closed: connection.closed().then(() => undefined),
      close: () => connection.close(),
    };
    await link.prepare();
    return link;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function prepareStream(manager: JetStreamManager, options: StreamOptions): Promise<StreamState> {
  const { JetStreamApiCodes, JetStreamApiError } = await import("@nats-io/jetstream");
  const wanted = configOf(options);
  const found = await manager.streams.info(options.stream).catch((error: unknown) => {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return null;
    throw error;
  });
  const outdated = found?.config.max_age !== wanted.max_age || found.config.num_replicas !== wanted.num_replicas;
  let info = found ?? (await manager.streams.add({ ...wanted, name: options.stream }));
  if (found !== null && outdated) info = await manager.streams.update(options.stream, wanted);
  return { epoch: Date.parse(info.created), lastSequence: info.state.last_seq };
}

/** Kept in files: the log outlives a restart of the broker, and with it what the broker knows of the keys. */
function configOf({ stream, retentionMs, replicas }: StreamOptions) {
  return {
    subjects: [`${stream}.>`],
    storage: "file",
    max_age: retentionMs * nanosPerMs,
    duplicate_window: retentionMs * nanosPerMs,
    num_replicas: replicas,
  } satisfies Partial<StreamConfig>;
}
