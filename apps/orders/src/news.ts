import type { Log } from "@countersign/context";
import type { OpenDatabase } from "@countersign/database";
import { changesChannel } from "./changes.ts";

/** Wakes those who watch a user's orders when one of them has changed, on whichever replica. */
export type OrderNews = {
  /**
   * Begins to hear of changes to this user's orders. `next` resolves with the first one that it has not told of yet, and
   * at the latest after a quarter of a minute: a notification can be lost, so a watcher looks for itself as well.
   */
  hear(userId: string, signal: AbortSignal): { next(): Promise<void> };
};

const patienceMs = 15_000;

/** One LISTEN for all watchers of this process, from the first of them on. */
export function createOrderNews(database: Pick<OpenDatabase, "listen">, log: Log): OrderNews {
  const hearers = new Map<string, Set<() => void>>();
  let listening: Promise<unknown> | undefined;

  const wakeAll = () => hearers.forEach((wakes) => wakes.forEach((wake) => wake()));
  const start = () =>
    database.listen(changesChannel, (userId) => hearers.get(userId)?.forEach((wake) => wake()), { onState: wakeAll });

  return {
    hear(userId, signal) {
      listening ??= start().catch((cause: unknown) => {
        listening = undefined; // the next watcher tries again; until then each looks for itself
        log.warn({ err: cause }, "Changes of orders are not told at once: the database cannot be listened to.");
      });
      const bell = createBell(signal);
      const wakes = hearers.get(userId) ?? new Set();
      hearers.set(userId, wakes.add(bell.ring));
      const leave = () => {
        bell.ring();
        wakes.delete(bell.ring);
        if (wakes.size === 0 && hearers.get(userId) === wakes) hearers.delete(userId);
      };
      signal.addEventListener("abort", leave, { once: true });
      if (signal.aborted) leave();
      return bell;
    },
  };
}

/** Remembers that it was rung while nobody waited. */
function createBell(signal: AbortSignal) {
  let rung = Promise.withResolvers<void>();
  return {
    ring: () => rung.resolve(),
    async next() {
      const timer = setTimeout(rung.resolve, patienceMs);
      if (signal.aborted) rung.resolve();
      await rung.promise;
      clearTimeout(timer);
      rung = Promise.withResolvers();
    },
  };
}
