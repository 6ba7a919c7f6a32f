import type { Log } from "@countersign/context";
import type { LimitStore } from "./limit-store.ts";
import { type StreamSizes, standardStreamSizes } from "./limit-streams.ts";
import type { LimitSize } from "./limiter.ts";
import { createMemoryStore } from "./memory-store.ts";
import { openRedisStore } from "./redis-store.ts";

/** Where limits are counted, the sizes that operators chose, by name, and how many streams may be open. */
export type LimitSettings = {
  readonly store: LimitStore;
  readonly sizes: ReadonlyMap<string, LimitSize>;
  /** In each process; `standardStreamSizes` unless told. */
  readonly streams?: StreamSizes | undefined;
};

type Settings = {
  readonly REDIS_URL?: string | undefined;
  readonly LIMITS: ReadonlyMap<string, LimitSize>;
  readonly MAX_STREAMS_PER_USER?: number | undefined;
  readonly MAX_STREAMS_PER_ADDRESS?: number | undefined;
};

/** Opens what the settings name: Redis or Valkey, for all replicas together, or else this process. Close its store. */
export async function openLimits(settings: Settings, log: Log): Promise<LimitSettings> {
  const { REDIS_URL: url, LIMITS: sizes } = settings;
  const {
    MAX_STREAMS_PER_USER: perUser = standardStreamSizes.perUser,
    MAX_STREAMS_PER_ADDRESS: perAddress = standardStreamSizes.perAddress,
  } = settings;
  const store = url === undefined ? createMemoryStore() : await openRedisStore({ url, log });
  return { store, sizes, streams: { perUser, perAddress } };
}
