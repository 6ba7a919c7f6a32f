import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Env } from "@countersign/service";

/** A `main.ts` that runs as a process of its own, with nothing in its environment but what it is given. */
export type RunningMain = {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly error: () => string;
  /** The status; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Resolves when it has printed this to standard output. @throws Error when it ends before */
  printed(text: string): Promise<void>;
};

/** @param main below `apps/`, such as `auth/src/main.ts` */
export function runMainOf(main: string, env: Env, options: { readonly uid?: number } = {}): RunningMain {
  const file = fileURLToPath(new URL(`../../${main}`, import.meta.url));
  const given = { PATH: process.env["PATH"], ...env };
  const child = spawn(process.execPath, [file], { env: given, stdio: ["ignore", "pipe", "pipe"], ...options });
  const text = { out: "", error: "" };
  child.stdout.on("data", (chunk) => (text.out += String(chunk)));
  child.stderr.on("data", (chunk) => (text.error += String(chunk)));
  const ended = new Promise<number | null>((resolve) => void child.on("close", resolve));
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  return {
    child,
    out: () => text.out,
    error: () => text.error,
    ended,
    async printed(part) {
      while (!text.out.includes(part)) {
        if (isOver()) throw new Error(`It ended:\n${text.out}${text.error}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
  };
}
