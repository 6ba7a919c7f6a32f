import { createShutdown, type Shutdown } from "./shutdown.ts";
import { outliveReaders } from "./standard-output.ts";

/** Longer than any shutdown takes in order, its delay aside. */
const shutdownLimitMs = 15_000;

/**
 * Runs the process of a `main.ts` until SIGINT, SIGTERM or SIGHUP, or until the process that started it is gone, which
 * the end of their channel (`stdio: "ipc"`) shows. Then it runs the shutdown, also in the middle of a start, and exits
 * with `process.exitCode`, 0 by default. A start that fails says why on standard error, runs the shutdown and exits with 1.
 *
 * @param start adds to the shutdown what it opens, as soon as that is open
 */
export async function runMain(start: (shutdown: Shutdown) => Promise<void>): Promise<void> {
  outliveReaders();
  const shutdown = createShutdown();
  let isStopping = false;

  async function stop(status?: number): Promise<void> {
    if (isStopping) return;
    isStopping = true;
    setTimeout(() => process.exit(1), shutdown.delayMs() + shutdownLimitMs).unref();
    try {
      await shutdown.run();
      process.exit(status);
    } catch (error) {
      await report(error);
      process.exit(1);
    }
  }

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop());
  if (process.connected) process.once("disconnect", () => void stop());
  try {
    await start(shutdown);
  } catch (error) {
    if (isStopping) return; // a start that was interrupted fails at what is closed already
    await report(error);
    await stop(1);
  }
}

/** The explanation knows the errors of every package, and is loaded only for one that there is. */
async function report(error: unknown): Promise<void> {
  const { explainFailure } = await import("./explain-failure.ts");
  process.stderr.write(`${explainFailure(error)}\n`);
}
