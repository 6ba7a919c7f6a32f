import type { Log } from "@countersign/context";
import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleAll } from "cockatiel";
import { Redis } from "ioredis";
import { RateLimiterRedis } from "rate-limiter-flexible";
import { type LimitStore, LimitStoreError } from "./limit-store.ts";

export type RedisStoreOptions = {
  /** `redis://…` or `rediss://…`; Valkey speaks the same. */
  readonly url: string;
  /** What every key begins with; `countersign:limits` unless told. */
  readonly prefix?: string;
  readonly log: Log;
};

/** Longer than a busy process pauses: an answer that waits to be read is not an outage. */
const answerMs = 500;
/** For so long nobody asks a store that did not answer: a call is kept waiting once, and not each call in turn. */
const pauseMs = 500;

/**
 * Counts in Redis or Valkey, for all replicas together: one script on the server adds and reads in one step. Waits a
 * second at most for the first connection; whether or not there is one, it connects by itself whenever it can, and says
 * at once meanwhile that it cannot be asked.
 */
export async function openRedisStore({
  url,
  prefix = "countersign:limits",
  log,
}: RedisStoreOptions): Promise<LimitStore> {
  const client = new Redis(url, {
    enableOfflineQueue: false, // a call is decided now, and not when the store is back
    autoResendUnfulfilledCommands: false, // what was asked before an outage has been answered without it
    maxRetriesPerRequest: 0,
    commandTimeout: answerMs,
    connectTimeout: 1_000,
    lazyConnect: true,
    retryStrategy: (attempts) => Math.min(attempts * 50, 500),
    reconnectOnError: leadsElsewhere,
  });
  const breaker = circuitBreaker(handleAll, { halfOpenAfter: pauseMs, breaker: new ConsecutiveBreaker(1) });
  tellOfOutages(client, breaker, log);
  await client.connect().catch(() => undefined); // told by the event, and tried again
  const limiter = new RateLimiterRedis({
    storeClient: client,
    points: Number.MAX_SAFE_INTEGER,
    duration: 1,
    keyPrefix: prefix,
    rejectIfRedisNotReady: true,
    customIncrTtlLuaScript: countScript,
  });
  return {
    async add(key, calls, windowSeconds) {
      try {
        const asked = () => limiter.penalty(key, calls, { customDuration: windowSeconds });
        const { consumedPoints, msBeforeNext } = await breaker.execute(asked);
        return { calls: consumedPoints, msLeft: msBeforeNext };
      } catch (cause) {
        throw new LimitStoreError("The store of limits cannot be asked.", { cause });
      }
    },
    available: () => client.status === "ready" && breaker.state === CircuitState.Closed,
    async close() {
      client.disconnect();
    },
  };
}

/**
 * Whether an answer says that this server is not the one that counts any more, as after a failover that kept the
 * connection: a replica takes no writes, or has lost its primary. Another connection may lead to the new primary.
 */
function leadsElsewhere({ message }: Error): boolean {
  return /\b(READONLY|MASTERDOWN|NOREPLICAS)\b/.test(message);
}

/**
 * Counts, and repairs what would count for ever: a key without an end, or with one beyond its window (its size was changed,
 * or somebody persisted it), ends with the window; a value that is no count starts anew.
 */
const countScript = `
local window = tonumber(ARGV[2])
local counted = redis.pcall('incrby', KEYS[1], ARGV[1])
if type(counted) ~= 'number' then
  if redis.call('exists', KEYS[1]) == 0 then return counted end
  redis.call('set', KEYS[1], ARGV[1], 'EX', window)
  return {tonumber(ARGV[1]), window * 1000}
end
local left = redis.call('pttl', KEYS[1])
if left < 0 or left > window * 1000 then
  redis.call('expire', KEYS[1], window)
  left = window * 1000
end
return {counted, left}`;

type Breaker = ReturnType<typeof circuitBreaker>;

/** One line when it goes and one when it is back, however many calls come in between. */
function tellOfOutages(client: Redis, breaker: Breaker, log: Log): void {
  let isAway = false;
  const away = (error: unknown) => {
    if (!isAway) log.warn({ err: error }, "The store of limits cannot be asked; see the guide on operating.");
    isAway = true;
  };
  client.on("error", away);
  breaker.onBreak((reason) => away("error" in reason ? reason.error : undefined));
  breaker.onReset(() => {
    if (isAway) log.info({}, "The store of limits answers again.");
    isAway = false;
  });
}
