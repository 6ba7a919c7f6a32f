import { z } from "zod";

const hint = "is a number of seconds from 0 to 300";

/** When the listener closes after a signal; `.env.example` has a line on it. */
export const shutdownSettings = {
  SHUTDOWN_DELAY_SECONDS: z.coerce.number(hint).min(0, hint).max(300, hint).optional(),
  NODE_ENV: z.string().optional(),
};

export type ShutdownSettings = {
  readonly SHUTDOWN_DELAY_SECONDS?: number | undefined;
  readonly NODE_ENV?: string | undefined;
};

/** Milliseconds from a signal until the listener closes; by default none, and five seconds in production. */
export function shutdownDelayMs({ SHUTDOWN_DELAY_SECONDS: seconds, NODE_ENV }: ShutdownSettings): number {
  return (seconds ?? (NODE_ENV === "production" ? 5 : 0)) * 1_000;
}
