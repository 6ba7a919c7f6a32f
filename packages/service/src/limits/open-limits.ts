import type { Log } from "@countersign/context";
import type { LimitStore } from "./limit-store.ts";
import type { LimitSize } from "./limiter.ts";
import { createMemoryStore } from "./memory-store.ts";
import { openRedisStore } from "./redis-store.ts";

/** Where limits are counted, and the sizes that operators chose, by name. */
export type LimitSettings = { readonly store: LimitStore; readonly sizes: ReadonlyMap<string, LimitSize> };

type Settings = {
  readonly REDIS_URL?: string | undefined;
  readonly LIMITS: ReadonlyMap<string, LimitSize>;
};

/** Opens what the settings name: Redis or Valkey, for all replicas together, or else this process. Close its store. */
export async function openLimits({ REDIS_URL: url, LIMITS: sizes }: Settings, log: Log): Promise<LimitSettings> {
  return { store: url === undefined ? createMemoryStore() : await openRedisStore({ url, log }), sizes };
}
