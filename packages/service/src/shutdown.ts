import { setTimeout } from "node:timers/promises";

type Hook = () => unknown;

/** What has to be ended when a process ends, in the opposite order of its beginning. */
export type Shutdown = {
  /** Adds a hook. Where the shutdown is over already, as when a start is interrupted, the hook runs at once. */
  add(hook: Hook): void;
  /** Runs every hook, the newest first, once; a failure does not keep the others from running. */
  run(): Promise<void>;
  /**
   * Has `announce` called when the shutdown begins, and the hooks run this many milliseconds later: the time in which
   * balancers hear that this process takes no part any more, while it still answers.
   */
  delayBy(milliseconds: number, announce: () => void): void;
  readonly delayMs: () => number;
  /** Whether it has begun. */
  readonly isStopping: () => boolean;
};

/** Makes a shutdown without hooks. `run` rejects with an AggregateError when a hook failed. */
export function createShutdown(): Shutdown {
  const hooks: Hook[] = [];
  const failures: unknown[] = [];
  let running: Promise<void> | null = null;
  let isDone = false;
  let delay = { milliseconds: 0, announce: (): void => undefined };

  const collect = (error: unknown) => void failures.push(error);
  const runOne = async (hook: Hook): Promise<void> => void (await hook());

  async function runAll(): Promise<void> {
    delay.announce();
    if (delay.milliseconds > 0) await setTimeout(delay.milliseconds);
    for (let hook = hooks.pop(); hook !== undefined; hook = hooks.pop()) await runOne(hook).catch(collect);
    isDone = true;
    if (failures.length > 0) throw new AggregateError(failures, "Not everything could be ended in order.");
  }

  return {
    add(hook) {
      if (isDone) runOne(hook).catch(collect);
      else hooks.push(hook);
    },
    run: () => (running ??= runAll()),
    delayBy(milliseconds, announce) {
      delay = { milliseconds, announce };
    },
    delayMs: () => delay.milliseconds,
    isStopping: () => running !== null,
  };
}
