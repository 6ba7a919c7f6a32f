/** What has to be ended, in the opposite order of its beginning. */
export type Stops = {
  add(stop: () => void | Promise<void>): void;
  /** Ends everything, the newest first, once; a failure does not keep the rest from being ended. */
  run(): Promise<void>;
};

/** An empty list. `run` rejects with an AggregateError when something could not be ended. */
export function createStops(): Stops {
  const stops: (() => void | Promise<void>)[] = [];
  let running: Promise<void> | null = null;

  async function unwind(): Promise<void> {
    const failures: unknown[] = [];
    for (const stop of stops.toReversed()) {
      try {
        await stop();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, "Not everything could be ended in order.");
  }

  return {
    add: (stop) => void stops.push(stop),
    run: () => (running ??= unwind()),
  };
}
