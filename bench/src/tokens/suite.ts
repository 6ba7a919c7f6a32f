import { loadavg } from "node:os";
import type { Runtime } from "../harness/child.ts";
import { writeSection } from "../harness/write-section.ts";
import { type Measured, measureRuntime, type Plan } from "./measure.ts";
import { report } from "./report.ts";

const full: Plan = { rounds: 5, milliseconds: 250, warmUp: 900, lags: 200, signInSeconds: 1.5 };
const quick: Plan = { rounds: 5, milliseconds: 100, warmUp: 300, lags: 20, signInSeconds: 0.5 };

/** `npm run bench -- tokens [--quick] [--node | --bun]`: a quick run, or one of a single runtime, is printed only. */
export async function run(options: readonly string[]): Promise<void> {
  const plan = options.includes("--quick") ? quick : full;
  const chosen = (["node", "bun"] as const).filter((name) => options.includes(`--${name}`));
  const runtimes: readonly Runtime[] = chosen.length === 0 ? ["node", "bun"] : chosen;
  const began = performance.now();
  const [before = 0] = loadavg();
  const measured: Partial<Record<Runtime, Measured>> = {};
  for (const runtime of runtimes) {
    measured[runtime] = await measureRuntime(runtime, plan, (step) => {
      console.error(`${Math.round((performance.now() - began) / 1000)} s: ${step} on ${runtime}`);
    });
  }
  const text = await report(measured, { ...plan, loads: [before, loadavg()[0] ?? 0] });
  console.log(text);
  if (plan !== full || runtimes.length < 2) return;
  await writeSection("tokens", text);
}
