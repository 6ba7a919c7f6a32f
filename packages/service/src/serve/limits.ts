import type { ListenerLimits, ServeOptions } from "./types.ts";

/** Services stand behind the gateway, whose connections are many and all of one address: they count none. */
const standard: ListenerLimits = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 10_000,
  stallTimeoutMs: 30_000,
  exchangeTimeoutMs: 120_000,
  maxHeaderBytes: 16 * 1024,
  connections: 20_000,
  connectionsPerAddress: Number.POSITIVE_INFINITY,
};

/** The runtimes' own defaults are loose: what is not said holds to ours. */
export function limitsOf({ limits }: ServeOptions): ListenerLimits {
  return { ...standard, ...limits };
}

const longestDrainMs = 9_000;

/** How long to drain: what was asked for, within what still lets `stop()` end in ten seconds. */
export function drainTime({ drainMs = 8_000 }: ServeOptions): number {
  return Math.min(Math.max(drainMs, 0), longestDrainMs);
}

/**
 * How long a connection that is kept alive may still bring a request while the listener drains: one that was on its way
 * when the answer before it left without `connection: close` is answered and does not fail.
 */
export const lingerMs = 250;
