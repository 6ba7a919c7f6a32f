import type { EventBus } from "@countersign/events";
import { type TrackedEnvelope, tracked } from "@trpc/server";
import type { FeedItem } from "./feed-item.ts";

/** What to stream, and for how long. */
export type StreamTopicOptions = {
  /** The last position that the follower has. */
  readonly after?: string | undefined;
  /** Ends the stream at once: the follower has gone, or this process is about to. */
  readonly signal: AbortSignal;
  /** Asked with each beat; the stream ends in good order when the credential it was opened with no longer counts. */
  readonly stands: () => Promise<boolean>;
  /** When that credential ends in any case, in milliseconds from now. */
  readonly lifeMs: number;
  /** How often to say that we are here, in milliseconds; 5 seconds unless told. */
  readonly beatMs?: number;
};

/** What tRPC sends: events tracked by their position, so that a follower resumes where it was. */
export type StreamedFeed = AsyncGenerator<FeedItem | TrackedEnvelope<FeedItem>, void, undefined>;

/**
 * A topic of the bus as a tRPC subscription yields it: what is retained after the position, `live` when that is done,
 * then what comes. The next event is taken from the bus when this one was sent, so a slow follower costs no memory.
 */
export async function* streamTopic(bus: EventBus, topic: string, options: StreamTopicOptions): StreamedFeed {
  const { after, signal, stands, lifeMs, beatMs = 5_000 } = options;
  const queue = createQueue();
  const subscription = bus.subscribe(topic, {
    ...(after === undefined || after === "" ? {} : { after }),
    onEvent: ({ id, key, data, at }) => queue.sent(tracked(id, { kind: "event", key, data, at })),
    onState: (state) => queue.put({ kind: "state", state }),
  });
  const beat = setInterval(() => queue.putIfIdle({ kind: "beat" }), beatMs);
  const end = setTimeout(() => queue.put({ kind: "end" }), lifeMs);
  const close = () => queue.close();
  signal.addEventListener("abort", close, { once: true });
  if (signal.aborted) close();
  try {
    for (let item = await queue.next(); item !== null; item = await queue.next()) {
      const isEnd = "kind" in item && (item.kind === "end" || (item.kind === "beat" && !(await stands())));
      yield isEnd ? { kind: "end" } : item;
      if (isEnd) return;
    }
    yield { kind: "end" };
  } finally {
    clearInterval(beat);
    clearTimeout(end);
    signal.removeEventListener("abort", close);
    close();
    await subscription.close();
  }
}

type Item = FeedItem | TrackedEnvelope<FeedItem>;

/** Between a bus that pushes and a stream that pulls. */
function createQueue() {
  const waiting: { readonly item: Item; readonly sent?: () => void }[] = [];
  let wake = Promise.withResolvers<void>();
  let taken: (() => void) | undefined;
  let closed = false;

  function put(item: Item, sent?: () => void): void {
    waiting.push(sent === undefined ? { item } : { item, sent });
    wake.resolve();
  }

  return {
    put: (item: Item) => put(item),
    putIfIdle(item: Item) {
      if (waiting.length === 0) put(item);
    },
    /** Resolves when the item has gone out, or never will. */
    sent: (item: Item) => (closed ? Promise.resolve() : new Promise<void>((resolve) => put(item, resolve))),
    async next(): Promise<Item | null> {
      taken?.();
      taken = undefined;
      for (;;) {
        const first = closed ? undefined : waiting.shift();
        taken = first?.sent;
        if (first !== undefined) return first.item;
        if (closed) return null;
        await wake.promise;
        wake = Promise.withResolvers<void>();
      }
    },
    close() {
      closed = true;
      taken?.();
      for (const { sent } of waiting.splice(0)) sent?.();
      wake.resolve();
    },
  };
}
