import { loadavg } from "node:os";
import type { Runtime } from "../harness/child.ts";
import { writeSection } from "../harness/write-section.ts";
import { type Measured, measure } from "./measure.ts";
import { report } from "./report.ts";

const full = { rounds: 7, requests: 20_000, single: 2_000 };
const quick = { rounds: 3, requests: 2_000, single: 500 };

/** `npm run bench -- gateway [--quick] [--node | --bun]`: a quick run, or one of a single runtime, is printed only. */
export async function run(options: readonly string[]): Promise<void> {
  const plan = options.includes("--quick") ? quick : full;
  const chosen = (["node", "bun"] as const).filter((name) => options.includes(`--${name}`));
  const runtimes: readonly Runtime[] = chosen.length === 0 ? ["node", "bun"] : chosen;
  const [before = 0] = loadavg();
  const measured: Partial<Record<Runtime, Measured>> = {};
  for (const runtime of runtimes) {
    console.error(`gateway on ${runtime}`);
    measured[runtime] = await measure(runtime, plan);
  }
  const text = await report(measured, { plan, loads: [before, loadavg()[0] ?? 0] });
  console.log(text);
  if (plan === full && runtimes.length === 2) await writeSection("gateway", text);
}
