import type { Sql } from "postgres";
import { checkChannel } from "./channel.ts";
import type { ListenOptions, ListenState, OpenDatabase } from "./types.ts";

/** What the listener wants to hear from the one connection that it owns. */
export type ListenerHooks = {
  readonly onnotify: (channel: string, payload: string) => void;
  readonly onclose: () => void;
};

type Subscriber = { readonly onPayload: (payload: string) => void; readonly onState: (state: ListenState) => void };

const retryFloorMs = 100;
const retryCeilingMs = 5_000;

/**
 * LISTEN over one connection of its own, opened by the first `listen`. postgres.js has a `listen` that subscribes again
 * when the connection is lost, but tries once and then stays silent for ever; this one tries until it succeeds or is
 * closed, and tells its subscribers in between.
 */
export function createPostgresListener(connect: (hooks: ListenerHooks) => Sql): {
  readonly listen: OpenDatabase["listen"];
  readonly close: () => Promise<void>;
} {
  const channels = new Map<string, Set<Subscriber>>();
  let sql: Sql | null = null;
  let retry: NodeJS.Timeout | null = null;
  let state: ListenState = "down";
  let closed = false;

  function connection(): Sql {
    sql ??= connect({
      onnotify: (channel, payload) => {
        for (const subscriber of channels.get(channel) ?? []) subscriber.onPayload(payload);
      },
      onclose: () => lose(0),
    });
    return sql;
  }

  function tell(next: ListenState): void {
    if (state === next) return;
    state = next;
    for (const subscribers of channels.values()) for (const subscriber of subscribers) subscriber.onState(next);
  }

  function lose(attempt: number): void {
    if (closed || retry !== null || channels.size === 0) return;
    tell("down");
    const wait = Math.min(retryFloorMs * 2 ** attempt, retryCeilingMs);
    retry = setTimeout(() => {
      retry = null;
      relisten().catch(() => lose(attempt + 1)); // shown as "down" until an attempt succeeds
    }, wait);
  }

  async function relisten(): Promise<void> {
    const names = [...channels.keys()];
    if (names.length > 0) await connection().unsafe(names.map((name) => `listen ${name}`).join(";"));
    tell("live");
  }

  async function listen(
    channel: string,
    onPayload: (payload: string) => void,
    { onState = () => undefined }: ListenOptions = {},
  ): Promise<() => Promise<void>> {
    checkChannel(channel);
    const subscriber = { onPayload, onState };
    const subscribers = channels.get(channel) ?? new Set();
    channels.set(channel, subscribers.add(subscriber));

    async function unlisten(): Promise<void> {
      if (!subscribers.delete(subscriber) || subscribers.size > 0 || channels.get(channel) !== subscribers) return;
      channels.delete(channel);
      if (closed || state === "down") return;
      await connection().unsafe(`unlisten ${channel}`);
    }

    try {
      await connection().unsafe(`listen ${channel}`);
    } catch (error) {
      await unlisten();
      throw error;
    }
    if (state === "live") onState("live");
    else tell("live");
    return unlisten;
  }

  async function close(): Promise<void> {
    closed = true;
    if (retry !== null) clearTimeout(retry);
    channels.clear();
    await sql?.end({ timeout: 1 });
  }

  return { listen, close };
}
