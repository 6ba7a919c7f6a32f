import type { JetStreamManager, StreamInfo } from "@nats-io/jetstream";
import { BusError } from "../bus-error.ts";
import { isForbidden } from "./is-forbidden.ts";
import {
  differencesOf,
  obstaclesOf,
  type SettingDifference,
  type StreamOptions,
  settingsOf,
  updateOf,
} from "./stream-settings.ts";

/** What a stream is now. */
export type StreamState = {
  /** When it was made, in ms since the epoch: another one of the same name has other positions. */
  readonly epoch: number;
  readonly lastSequence: number;
};

/**
 * Makes the stream when it is missing, and brings one that others made to the settings of the bus. A user who may do
 * neither goes on with a stream that is right.
 *
 * @throws BusError `misconfigured`, naming the setting and what to do, for a stream that cannot be brought to them
 */
export async function prepareStream(manager: JetStreamManager, options: StreamOptions): Promise<StreamState> {
  const found = await find(manager, options.stream);
  const info = found === null ? await make(manager, options) : await repair(manager, options, found);
  return { epoch: Date.parse(info.created), lastSequence: info.state.last_seq };
}

async function find(manager: JetStreamManager, stream: string): Promise<StreamInfo | null> {
  const { JetStreamApiCodes, JetStreamApiError } = await import("@nats-io/jetstream");
  return await manager.streams.info(stream).catch((error: unknown) => {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return null;
    throw error;
  });
}

async function make(manager: JetStreamManager, options: StreamOptions): Promise<StreamInfo> {
  const { stream } = options;
  try {
    return await manager.streams.add({ ...settingsOf(options), name: stream });
  } catch (error) {
    if (isForbidden(error)) {
      throw new Error(`The stream "${stream}" is missing, and this user may not make it: auth's user makes it.`, {
        cause: error,
      });
    }
    throw await explain(error, `The stream "${stream}" cannot be made`, options);
  }
}

async function repair(manager: JetStreamManager, options: StreamOptions, found: StreamInfo): Promise<StreamInfo> {
  const { stream } = options;
  const differences = differencesOf(found.config, options);
  // A server by itself takes an update to three replicas, says so from then on, and keeps one.
  if (options.replicas > 1 && found.cluster?.name === undefined) throw notClustered(options);
  if (differences.length === 0) return found;
  const update = await manager.streams.update(stream, updateOf(options)).catch(async (error: unknown) => {
    if (!isForbidden(error)) throw await explain(error, refusalOf(stream, obstaclesOf(differences)), options);
    if (differences.every(({ name }) => name === "num_replicas")) return found; // the stream loses nothing by it
    const message = `${refusalOf(stream, differences)}: this user may not update it. Start auth, whose user may.`;
    throw new BusError("misconfigured", message, { cause: error });
  });
  const left = update === found ? [] : differencesOf(update.config, options);
  if (left.length > 0) throw new BusError("misconfigured", `${refusalOf(stream, left)}: ${remedy(stream)}`);
  return update;
}

/** An error of JetStream's as what an operator has to do; any other one as it is. */
async function explain(error: unknown, refusal: string, options: StreamOptions): Promise<unknown> {
  const { stream, replicas } = options;
  const { JetStreamApiError } = await import("@nats-io/jetstream");
  if (!(error instanceof JetStreamApiError)) return error;
  if (error.code === codes.notClustered) return notClustered(options, { cause: error });
  if (error.code === codes.noPeers) {
    const message = `The NATS cluster has too few servers for ${replicas} replicas of a stream: set EVENTS_REPLICAS to fewer, or add servers.`;
    return new BusError("misconfigured", message, { cause: error });
  }
  if (error.code === codes.overlap) {
    const message = `Another stream takes subjects of "${stream}.>", which the bus needs: delete that stream or change its subjects.`;
    return new BusError("misconfigured", message, { cause: error });
  }
  if (error.status === 503) return error; // passes by itself
  return new BusError("misconfigured", `${refusal} (${error.message}): ${remedy(stream)}`, { cause: error });
}

function notClustered({ replicas }: StreamOptions, cause?: ErrorOptions): BusError {
  const message = `The NATS server is not clustered and keeps no ${replicas} replicas of a stream: set EVENTS_REPLICAS to 1, or run a cluster.`;
  return new BusError("misconfigured", message, cause);
}

const codes = { noPeers: 10_005, overlap: 10_065, notClustered: 10_074 };

function refusalOf(stream: string, differences: readonly SettingDifference[]): string {
  const each = differences.map(({ name, found, wanted }) => `${name} ${found} where the bus needs ${wanted}`);
  return `The stream "${stream}" has ${each.join(", ")}`;
}

function remedy(stream: string): string {
  return `delete it (nats stream rm ${stream}), and it is made anew.`;
}
