import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { answers } from "./answers.ts";

export type ChildOptions = {
  /** The app whose `src/main.ts` it runs. */
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  /** Told when the process ends without being told to. */
  readonly onLost: (name: string) => void;
};

/** One service in a process of its own. */
export type Child = {
  /** Resolves when it answers at this URL. @throws Error when it ends before, or does not within two minutes. */
  answers(url: string): Promise<void>;
  /** Asks it to end, and waits until it has. */
  stop(): Promise<void>;
};

/** A second on an idle machine; a busy one that starts every service at once takes much longer. */
const startLimitMs = 120_000;

/** Starts the app's `main.ts` on the runtime that this process runs on; what it prints goes where ours does. */
export function startChild({ name, env, onLost }: ChildOptions): Child {
  const main = fileURLToPath(new URL(`../../../${name}/src/main.ts`, import.meta.url));
  const child = spawn(process.execPath, [main], { env, stdio: ["ignore", "inherit", "inherit"] });
  const exited = once(child, "exit");
  let isStopping = false;
  let isReady = false;
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  child.on("exit", () => {
    if (isReady && !isStopping) onLost(name);
  });

  return {
    async answers(url) {
      for (const deadline = Date.now() + startLimitMs; Date.now() < deadline && !hasEnded(); ) {
        isReady = await answers(url);
        if (isReady) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error(hasEnded() ? `${name} ended while it started; see above.` : `${name} does not answer at ${url}.`);
    },
    async stop() {
      isStopping = true;
      if (hasEnded()) return;
      child.kill("SIGTERM");
      await exited;
    },
  };
}
