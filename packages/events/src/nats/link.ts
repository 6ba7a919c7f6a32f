import type { JetStreamClient, JetStreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { BusError } from "../bus-error.ts";
import { prepareStream, type StreamState } from "./prepare-stream.ts";
import { connectionOptions, type NatsFiles, type NatsServers } from "./servers.ts";
import type { StreamOptions } from "./stream-settings.ts";

/** Where the broker is, and by which files it is spoken to. */
export type NatsAccess = { readonly servers: NatsServers; readonly files: NatsFiles };

/** One connection to a broker, from its beginning to its end; another one follows as another link. */
export type NatsLink = {
  readonly jetstream: JetStreamClient;
  /** Makes the stream unless it is there, brings it to the settings of the bus, and says where it stands. */
  readonly prepare: () => Promise<StreamState>;
  readonly closed: Promise<void>;
  readonly close: () => Promise<void>;
};

const connectTimeoutMs = 5_000;
const requestTimeoutMs = 2_000;

/**
 * Connects, and prepares the stream. A dead connection is noticed by the third ping without an answer.
 *
 * @throws BusError `misconfigured` for what stays until somebody mends it: a user that the broker refuses, a broker without
 * TLS or JetStream, a stream that cannot be brought to the settings of the bus
 */
export async function openLink(access: NatsAccess, options: StreamOptions): Promise<NatsLink> {
  const connection = await connectTo(access, options);
  try {
    const manager = await manage(connection);
    const link = {
      jetstream: manager.jetstream(),
      prepare: () => prepareStream(manager, options),
      closed: connection.closed().then(() => undefined),
      close: () => connection.close(),
    };
    await link.prepare();
    const check = setInterval(() => void prepareAgain(link), options.checkMs);
    link.closed.finally(() => clearInterval(check)).catch(() => undefined); // told to who waits for it
    return link;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** Somebody may change the stream meanwhile. One that is no good any more ends the link, and the next one says why. */
async function prepareAgain(link: NatsLink): Promise<void> {
  try {
    await link.prepare();
  } catch (error) {
    if (error instanceof BusError) await link.close(); // whatever else it is, the connection itself notices
  }
}

async function connectTo({ servers, files }: NatsAccess, { stream }: StreamOptions): Promise<NatsConnection> {
  const { connect } = await import("@nats-io/transport-node"); // loaded by those alone who have a broker
  const given = await connectionOptions(servers, files);
  try {
    return await connect({
      ...given,
      name: stream,
      reconnect: false, // a new link is opened instead, so that the state of one is never in doubt
      timeout: connectTimeoutMs,
      pingInterval: 5_000,
      maxPingOut: 2,
    });
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "AuthorizationError") throw error;
    throw new BusError("misconfigured", "The NATS server refuses the user, password, token or credentials given.", {
      cause: error,
    });
  }
}

async function manage(connection: NatsConnection): Promise<JetStreamManager> {
  const { jetstreamManager } = await import("@nats-io/jetstream");
  try {
    return await jetstreamManager(connection, { timeout: requestTimeoutMs });
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "JetStreamNotEnabled") throw error;
    throw new BusError("misconfigured", "The NATS server runs without JetStream, at least for this account.", {
      cause: error,
    });
  }
}
