import type { Log, Quota } from "@countersign/context";
import {
  addressPath,
  ConfigurationError,
  createLimiter,
  createMemoryStore,
  type LimiterDeps,
  type LimitSettings,
  tooMany,
  unknownClient,
} from "@countersign/service";
import type { Route } from "../routes.ts";
import { callsOf, maxCallsOf } from "./batch.ts";

export type AddressLimitDeps = {
  /** Where it is counted, and the sizes that operators chose; in this process, 6,000 calls a minute, unless told. */
  readonly limits?: (LimitSettings & { readonly observe?: LimiterDeps["observe"] }) | undefined;
  readonly log: Log;
  readonly now: () => number;
};

/**
 * Counts what one request asks for, for its client's address, an IPv6 /64 being one, and for the /48 that it lies in; gives
 * what is left to the address. A client that a trusted proxy does not name is not counted.
 *
 * @throws Refusal TOO_MANY_REQUESTS
 */
export type AddressLimit = (address: string, route: Route | null) => Promise<Quota | undefined>;

/**
 * What one address may ask of the whole platform, before any of it costs anything: each call of a batch counts, and so
 * does a request that names nothing. A batch that does not fit any more is refused as a whole; what a procedure allows is
 * its service's to count, call by call.
 *
 * @throws ConfigurationError for the size of a limit that the gateway does not have
 */
export function createAddressLimit({ limits, log, now }: AddressLimitDeps): AddressLimit {
  const { store = createMemoryStore(), sizes, observe = () => undefined } = limits ?? {};
  const limiter = createLimiter({ store, sizes, observe, now });
  const counter = limiter.define("gateway/address", { calls: 6_000, perSeconds: 60 });
  const ofNetwork = limiter.define("gateway/network", { calls: 60_000, perSeconds: 60 });
  const unknown = limiter.unknown().filter((name) => name.startsWith("gateway"));
  if (unknown.length > 0) throw new ConfigurationError(`LIMITS: the gateway has no limit called ${unknown.join(", ")}`);
  return async (address, route) => {
    if (address === unknownClient) return undefined;
    const calls = Math.min(callsOf(route), maxCallsOf(route));
    const [network = "", key = network] = addressPath(address);
    if (key !== network) {
      const taken = await ofNetwork.take(network, calls);
      if (!taken.allowed) throw tooMany(taken.quota);
    }
    const { allowed, first, quota } = await counter.take(key, calls);
    if (first) log.warn({ address, seconds: quota.resetSeconds }, "An address has reached its limit.");
    if (!allowed) throw tooMany(quota);
    return quota;
  };
}
