import type { ServeOptions } from "./types.ts";

/** How long a peer may take, and how much it may send before a request is one. The runtimes' own defaults are loose. */
export const limits = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 10_000,
  maxHeaderBytes: 16 * 1024,
  drainMs: 8_000,
  longestDrainMs: 9_000,
} as const;

/** How long to drain: what was asked for, within what still lets `stop()` end in ten seconds. */
export function drainTime({ drainMs = limits.drainMs }: ServeOptions): number {
  return Math.min(Math.max(drainMs, 0), limits.longestDrainMs);
}
