import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Explored } from "../../apps/auth/test/model/run-model.ts";

export type { Explored };

const child = fileURLToPath(new URL("child.ts", import.meta.url));

/**
 * Explores in a process of its own, with the options of `child.ts`.
 *
 * @returns null when the process failed; it has said why
 */
export async function startExploration(
  options: Readonly<Record<string, string | number | undefined>>,
): Promise<Explored | null> {
  const args = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]));
  const started = spawn(process.execPath, [child, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const closed = new Promise<number | null>((resolve) => started.once("close", resolve));
  const out = await text(started.stdout);
  if ((await closed) !== 0) return null;
  return JSON.parse(out) as Explored; // printed by child.ts from one
}
