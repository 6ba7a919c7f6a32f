type Hook = () => unknown;

/** What has to be ended when a process ends, in the opposite order of its beginning. */
export type Shutdown = {
  /** Adds a hook. Where the shutdown is over already, as when a start is interrupted, the hook runs at once. */
  add(hook: Hook): void;
  /** Runs every hook, the newest first, once; a failure does not keep the others from running. */
  run(): Promise<void>;
};

/** Makes a shutdown without hooks. `run` rejects with an AggregateError when a hook failed. */
export function createShutdown(): Shutdown {
  const hooks: Hook[] = [];
  const failures: unknown[] = [];
  let running: Promise<void> | null = null;
  let isDone = false;

  const collect = (error: unknown) => void failures.push(error);
  const runOne = async (hook: Hook): Promise<void> => void (await hook());

  async function runAll(): Promise<void> {
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
  };
}
