import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { readSetting, StartError, shutdownDelayMs } from "@countersign/service";
import { answers } from "./answers.ts";

export type ChildOptions = {
  /** The app whose `src/main.ts` it runs. */
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  /** Called when the process ends without having been stopped. */
  readonly onLost: (name: string) => void;
};

/** One service in a process of its own. */
export type Child = {
  /** Resolves when it answers at this URL. @throws StartError when it ends before, or does not within two minutes. */
  answers(url: string): Promise<void>;
  /** Asks it to end, and waits until it has; it is killed when that takes too long. */
  stop(): Promise<void>;
};

/** A second on an idle machine; a busy one that starts every service at once takes much longer. */
const startLimitMs = 120_000;

/** Longer than a shutdown in order takes, the delay before it aside. */
const stopLimitMs = 20_000;

/**
 * Starts the app's `main.ts` on the runtime that this process runs on; what it prints goes where ours does. It is a
 * process group of its own, so that Ctrl-C reaches this process alone, which stops its children in order. However this
 * process ends, the channel between the two ends with it, and the child stops (see `runMain`).
 */
export function startChild({ name, env, onLost }: ChildOptions): Child {
  const delayMs = shutdownDelayMs({
    SHUTDOWN_DELAY_SECONDS: readSetting("service", "SHUTDOWN_DELAY_SECONDS", env),
    NODE_ENV: env["NODE_ENV"],
  });
  const main = fileURLToPath(new URL(`../../../${name}/src/main.ts`, import.meta.url));
  const child = spawn(process.execPath, [main], {
    env,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    detached: true,
  });
  const exited = once(child, "exit");
  let isStopping = false;
  let isReady = false;
  let stopped: Promise<void> | undefined;
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  child.on("exit", () => {
    if (isReady && !isStopping) onLost(name);
  });

  return {
    async answers(url) {
      for (const deadline = Date.now() + startLimitMs; Date.now() < deadline && !hasEnded(); ) {
        isReady = await answers(url);
        if (isReady && !hasEnded()) return; // one that ended does not answer: another process has its port
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      const problem = hasEnded() ? "ended while it started; see above" : `does not answer at ${url}`;
      throw new StartError(`The service ${name} ${problem}.`);
    },
    stop: () => (stopped ??= stop()),
  };

  async function stop(): Promise<void> {
    isStopping = true;
    if (hasEnded()) return;
    const timer = setTimeout(() => child.kill("SIGKILL"), delayMs + stopLimitMs);
    child.kill("SIGTERM");
    await exited;
    clearTimeout(timer);
  }
}
