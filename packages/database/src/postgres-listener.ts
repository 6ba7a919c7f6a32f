import { randomBytes } from "node:crypto";
import type { Client } from "pg";
import { checkChannel } from "./channel.ts";
import { ListenError } from "./listen-error.ts";
import { createTurns } from "./turns.ts";
import type { ListenOptions, ListenState, OpenDatabase } from "./types.ts";

type Subscriber = { readonly onPayload: (payload: string) => void; readonly onState: (state: ListenState) => void };

const retryFloorMs = 100;
const retryCeilingMs = 5_000;

/** While a server takes no writes, each refused write asks for another connection. */
const renewFloorMs = 1_000;

export type ListenerDeps = {
  readonly createClient: () => Client;
  /** Sends a notification, over another connection than the one that listens. */
  readonly notify: (channel: string, payload: string) => Promise<void>;
};

/** How long a notification of our own may take to be heard, in milliseconds. */
const proofMs = 5_000;

/**
 * LISTEN over one connection of its own, opened by the first `listen`. When it is lost, another one is tried until that
 * succeeds or the listener is closed, and the subscribers are told in between.
 */
export function createPostgresListener({ createClient, notify }: ListenerDeps): {
  readonly listen: OpenDatabase["listen"];
  /** Opens another connection in the place of the one there is, which may lead to a server that is not asked any more. */
  readonly renew: () => void;
  readonly close: () => Promise<void>;
} {
  const channels = new Map<string, Set<Subscriber>>();
  const inTurn = createTurns();
  let connecting: Promise<Client> | null = null;
  let retry: NodeJS.Timeout | undefined;
  let state: ListenState = "down";
  let liveSince = 0;
  let closed = false;

  function tell(next: ListenState): void {
    if (state === next) return;
    state = next;
    liveSince = performance.now();
    for (const subscribers of channels.values()) for (const subscriber of subscribers) subscriber.onState(next);
  }

  function connection(): Promise<Client> {
    connecting ??= connect().catch((error: unknown) => {
      connecting = null;
      throw error;
    });
    return connecting;
  }

  async function connect(): Promise<Client> {
    const client = createClient();
    client.on("notification", ({ channel, payload = "" }) => {
      for (const subscriber of channels.get(channel) ?? []) subscriber.onPayload(payload);
    });
    await client.connect();
    try {
      for (const channel of channels.keys()) await client.query(`listen ${channel}`);
      await prove(client);
    } catch (error) {
      await client.end().catch(() => undefined); // the first failure is the one to report
      throw error;
    }
    client.once("end", () => {
      connecting = null;
      lose(0);
    });
    tell("live");
    return client;
  }

  /** Hears a notification of its own before it counts as live: behind a pooler LISTEN is accepted, and nothing arrives. */
  async function prove(client: Client): Promise<void> {
    const channel = `countersign_proof_${randomBytes(8).toString("hex")}`;
    const heard = Promise.withResolvers<void>();
    const onNotification = (message: { readonly channel: string }) => {
      if (message.channel === channel) heard.resolve();
    };
    const timer = setTimeout(() => heard.reject(new ListenError()), proofMs);
    client.on("notification", onNotification);
    client.once("end", () => heard.reject(new Error("Connection terminated: the one that listens.")));
    heard.promise.catch(() => undefined); // awaited below, unless LISTEN itself fails
    try {
      await client.query(`listen ${channel}`);
      await notify(channel, "");
      await heard.promise;
      await client.query(`unlisten ${channel}`);
    } finally {
      clearTimeout(timer);
      client.off("notification", onNotification);
    }
  }

  function lose(attempt: number): void {
    tell("down");
    if (closed || channels.size === 0) return;
    clearTimeout(retry);
    retry = setTimeout(
      () => {
        connection().catch(() => lose(attempt + 1)); // shown as "down" until an attempt succeeds
      },
      Math.min(retryFloorMs * 2 ** attempt, retryCeilingMs),
    );
  }

  async function execute(statement: string): Promise<void> {
    const client = await connection();
    await inTurn(() => client.query(statement));
  }

  async function listen(
    channel: string,
    onPayload: (payload: string) => void,
    { onState = () => undefined }: ListenOptions = {},
  ): Promise<() => Promise<void>> {
    checkChannel(channel);
    if (closed) throw new Error("Connection terminated: the database was closed.");
    const subscriber = { onPayload, onState };
    const subscribers = channels.get(channel) ?? new Set();
    channels.set(channel, subscribers.add(subscriber));

    async function unlisten(): Promise<void> {
      if (!subscribers.delete(subscriber) || subscribers.size > 0 || channels.get(channel) !== subscribers) return;
      channels.delete(channel);
      if (!closed && state === "live") await execute(`unlisten ${channel}`);
    }

    const before = state;
    try {
      await execute(`listen ${channel}`);
    } catch (error) {
      await unlisten();
      throw error;
    }
    if (before === "live") onState("live"); // the others are told by the connection that they waited for
    return unlisten;
  }

  async function close(): Promise<void> {
    closed = true;
    clearTimeout(retry);
    channels.clear();
    const client = await connecting?.catch(() => null); // there is none to end
    await client?.end();
  }

  function renew(): void {
    if (state !== "live" || performance.now() - liveSince < renewFloorMs) return;
    void connecting?.then((client) => client.end()).catch(() => undefined); // its end begins the next attempt
  }

  return { listen, renew, close };
}
