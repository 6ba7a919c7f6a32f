type ShutdownSettings = {
  readonly SHUTDOWN_DELAY_SECONDS?: number | undefined;
  readonly NODE_ENV?: string | undefined;
};

/** Milliseconds from a signal until the listener closes; by default none, and five seconds in production. */
export function shutdownDelayMs({ SHUTDOWN_DELAY_SECONDS: seconds, NODE_ENV }: ShutdownSettings): number {
  return (seconds ?? (NODE_ENV === "production" ? 5 : 0)) * 1_000;
}
