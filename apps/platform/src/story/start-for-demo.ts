import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { StartError } from "@countersign/service";
import { answers } from "../run/answers.ts";

/** The platform as the demo found it, or as it started it; only one that it started is ended. */
export type DemoPlatform = { stop(): Promise<void> };

const startLimitMs = 30_000;

/**
 * Leaves a platform that answers at `url` alone, and otherwise starts one in a process of its own.
 *
 * @param isPublic whether PUBLIC_URL says so: where nothing answers there, a platform on this machine would not either
 * @throws StartError when none answers there, or not within half a minute
 */
export async function startForDemo(url: string, { isPublic }: { readonly isPublic: boolean }): Promise<DemoPlatform> {
  if (await answers(`${url}/health`)) return { stop: async () => undefined };
  if (isPublic) {
    throw new StartError(
      `PUBLIC_URL: nothing answers at ${url}. Start the platform, or unset it for one of the demo's.`,
    );
  }
  process.stdout.write(`Nothing answers at ${url}; starting the platform.\n`);
  const main = fileURLToPath(new URL("../main.ts", import.meta.url));
  // However the demo ends, the channel ends with it, and the platform stops (see `runMain`).
  const child = spawn(process.execPath, [main], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const exited = once(child, "exit");
  const stop = async () => {
    child.kill("SIGTERM");
    await exited;
  };
  for (const deadline = Date.now() + startLimitMs; Date.now() < deadline && child.exitCode === null; ) {
    if (await answers(`${url}/health`)) return { stop };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  if (child.exitCode === null) await stop();
  throw new StartError(`The platform did not come to answer at ${url}.`);
}
