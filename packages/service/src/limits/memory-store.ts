import { LRUCache } from "lru-cache";
import { RateLimiterMemory } from "rate-limiter-flexible";
import type { LimitStore } from "./limit-store.ts";

export type MemoryStoreOptions = {
  /** The most keys that are held; 50,000 unless told, which take some 20 MB. */
  readonly maxKeys?: number;
};

/**
 * Counts in this process. When there are more keys than it holds, the one that was not seen for longest starts anew: to
 * be counted anew that way takes more addresses or accounts than whoever has them would need to.
 */
export function createMemoryStore({ maxKeys = 50_000 }: MemoryStoreOptions = {}): LimitStore {
  // What is too many, each rule decides for itself: this counts, so its own limit and window stand for nothing.
  const limiter = new RateLimiterMemory({ points: Number.MAX_SAFE_INTEGER, duration: 1, keyPrefix: "" });
  const held = new LRUCache<string, true>({ max: maxKeys, dispose: (_, key) => void limiter.delete(key) });
  return {
    async add(key, calls, windowSeconds) {
      held.set(key, true, { noDisposeOnSet: true });
      const { consumedPoints, msBeforeNext } = await limiter.penalty(key, calls, { customDuration: windowSeconds });
      return { calls: consumedPoints, msLeft: msBeforeNext };
    },
    available: () => true,
    async close() {
      held.clear();
    },
  };
}
