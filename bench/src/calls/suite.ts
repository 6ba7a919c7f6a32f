import { mkdtemp, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import path from "node:path";
import type { Runtime } from "../harness/child.ts";
import { createScratchDatabase } from "../harness/scratch-database.ts";
import { writeSection } from "../harness/write-section.ts";
import { measureChain } from "./measure-chain.ts";
import { type GrantCosts, measureGrants } from "./measure-grants.ts";
import { type Measured, report } from "./report.ts";

const full = { rounds: 7, milliseconds: 400, warmUp: 2_500, cold: 60, grants: 1_500 };
const quick = { rounds: 5, milliseconds: 150, warmUp: 500, cold: 20, grants: 300 };

/** `npm run bench -- calls [--quick] [--node | --bun]`: a quick run, or one of a single runtime, is printed only. */
export async function run(options: readonly string[]): Promise<void> {
  const plan = options.includes("--quick") ? quick : full;
  const chosen = (["node", "bun"] as const).filter((name) => options.includes(`--${name}`));
  const runtimes: readonly Runtime[] = chosen.length === 0 ? ["node", "bun"] : chosen;
  const [before = 0] = loadavg();
  const measured: Partial<Record<Runtime, Measured>> = {};
  for (const runtime of runtimes) measured[runtime] = await measureRuntime(runtime, plan);
  const text = await report(measured, { ...plan, loads: [before, loadavg()[0] ?? 0] });
  console.log(text);
  if (plan === full && runtimes.length === 2) await writeSection("calls", text);
}

async function measureRuntime(runtime: Runtime, plan: typeof full): Promise<Measured> {
  console.error(`calls on ${runtime}`);
  const chain = await withScratch((on) => measureChain(runtime, { ...plan, algorithm: "RS256" }, on));
  const grants = async (algorithm: "RS256" | "ES256"): Promise<GrantCosts> => {
    console.error(`grants with ${algorithm} on ${runtime}`);
    return await withScratch((on) => measureGrants(runtime, { ...plan, algorithm }, on));
  };
  return { chain, grants: { RS256: await grants("RS256"), ES256: await grants("ES256") } };
}

type Scratch = Parameters<typeof measureChain>[2];

/** A database and a folder for keys that are gone afterwards. */
async function withScratch<Result>(work: (on: Scratch) => Promise<Result>): Promise<Result> {
  const database = await createScratchDatabase();
  const keys = await mkdtemp(path.join(tmpdir(), "countersign-bench-"));
  try {
    return await work({ database, keys });
  } finally {
    await rm(keys, { recursive: true });
    await database.drop();
  }
}
