import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

/** A platform that `npm start` runs. */
export type Platform = {
  /** All it has printed so far. */
  output(): string;
  /** Waits until a procedure answers through the gateway and gives the seconds from its start; throws when none ever does. */
  untilAnswering(): Promise<number>;
  /** Ends it by this signal and gives its status and the seconds that took; throws when that takes too long. */
  end(
    signal: NodeJS.Signals,
    limitSeconds: number,
  ): Promise<{ readonly status: number | null; readonly seconds: number }>;
  /** Ends it at once, as a power cut would. */
  kill(): Promise<void>;
  /** Waits for it to end by itself; throws when that takes too long. */
  ended(limitSeconds: number): Promise<number | null>;
};

/** A start that is only slow does not spoil the proofs after it. */
const patienceSeconds = 60;

const question = "http://localhost:4000/trpc/products/list?input=%7B%7D";

/** Starts the platform on this data directory, with the standard settings for everything else. */
export function startPlatform(directory: string): Platform {
  const started = Date.now();
  const child = spawn("npm", ["start"], {
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], DATA_DIR: directory },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true, // a process group of its own, so that `kill` reaches what npm started
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  return {
    output: () => output,
    untilAnswering: async () => {
      while (!(await answers())) {
        if (hasEnded(child)) throw new Error(`it ended:\n${output}`);
        if (secondsSince(started) > patienceSeconds) throw new Error(`no answer at all:\n${output}`);
        await sleep(25);
      }
      return secondsSince(started);
    },
    end: async (signal, limitSeconds) => {
      const asked = Date.now();
      child.kill(signal);
      return { status: await endOf(child, limitSeconds), seconds: secondsSince(asked) };
    },
    kill: async () => {
      killGroup(child);
      await endOf(child, 5);
    },
    ended: (limitSeconds) => endOf(child, limitSeconds),
  };
}

async function answers(): Promise<boolean> {
  const response = await fetch(question, { signal: AbortSignal.timeout(1_000) }).catch(() => null); // not listening yet
  await response?.arrayBuffer();
  return response?.status === 200;
}

/** The status; null when a signal ended it. Kills what goes on after the limit, and throws. */
async function endOf(child: ChildProcess, limitSeconds: number): Promise<number | null> {
  const started = Date.now();
  while (!hasEnded(child)) {
    if (secondsSince(started) > limitSeconds) {
      killGroup(child);
      throw new Error(`still running after ${limitSeconds} s`);
    }
    await sleep(10);
  }
  return child.exitCode;
}

function killGroup({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, "SIGKILL");
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function secondsSince(time: number): number {
  return (Date.now() - time) / 1000;
}
