import { loadavg } from "node:os";
import { type Child, type Runtime, startChild } from "../harness/child.ts";
import { describeMachine, runtimeVersions } from "../harness/machine.ts";
import { median, quantile } from "../harness/statistics.ts";
import { toMarkdown } from "../harness/table.ts";
import { writeSection } from "../harness/write-section.ts";
import { type Paced, pace } from "./pace.ts";
import { createTraffic, type Traffic } from "./traffic.ts";

type Soaked = {
  readonly capacity: number;
  readonly paced: readonly Paced[];
  /** Megabytes after a collection: before the load, and after each tenth of it. */
  readonly heap: readonly number[];
  readonly resident: readonly number[];
};

const connections = 16;
const slices = 10;
const share = 0.7;
/** How much more the heap may hold at the end than after the first tenth, when every cache has filled. */
const mostGrowth = 1.1;
const full = 600;
const quick = 30;

/**
 * `npm run bench -- soak [--seconds=600] [--quick] [--node | --bun]`: the whole platform at 70 % of what it can take, with its
 * memory looked at all along. Ends with status 1 when a request failed or the memory grew. Only a run of ten minutes or
 * more is written down.
 */
export async function run(options: readonly string[]): Promise<void> {
  const length = options.includes("--quick") ? quick : full;
  const seconds = Number(options.find((option) => option.startsWith("--seconds="))?.slice(10) ?? length);
  const chosen = (["node", "bun"] as const).filter((name) => options.includes(`--${name}`));
  const runtimes: readonly Runtime[] = chosen.length === 0 ? ["node", "bun"] : chosen;
  const [before = 0] = loadavg();
  const found: [Runtime, Soaked][] = [];
  for (const runtime of runtimes) found.push([runtime, await soak(runtime, seconds)]);
  const text = report(found, { seconds, before });
  console.log(text);
  if (seconds >= full) await writeSection("soak", text);
  if (found.some(([, soaked]) => failuresOf(soaked).length > 0 || growthOf(soaked) > mostGrowth)) process.exitCode = 1;
}

async function soak(runtime: Runtime, seconds: number): Promise<Soaked> {
  const platform = await startChild(runtime, "platform");
  try {
    const { url, user } = await platform.call<{ url: string; user: Parameters<typeof createTraffic>[1] }>("start");
    const port = Number(new URL(url).port);
    const traffic = await createTraffic(url, user);
    await pace({ port, traffic, connections, seconds: Math.min(10, seconds / 4) }); // until it is compiled
    const fastest = await pace({ port, traffic, connections, seconds: Math.min(10, seconds / 4) });
    const capacity = fastest.sent / Math.min(10, seconds / 4);
    console.error(`soak on ${runtime}: ${Math.round(capacity)} requests a second at most`);
    const load = { port, traffic, connections, perSecond: capacity * share, seconds: seconds / slices };
    return { capacity, ...(await soakSlices(platform, load, traffic)) };
  } finally {
    await platform.call("stop");
    await platform.stop();
  }
}

async function soakSlices(platform: Child, load: Parameters<typeof pace>[0], traffic: Traffic) {
  const paced: Paced[] = [];
  const heap: number[] = [];
  const resident: number[] = [];
  for (let slice = 0; slice < slices; slice += 1) {
    await traffic.renew();
    paced.push(await pace(load));
    const memory = await platform.call<{ heap: number; resident: number }>("memory");
    heap.push(memory.heap / 1e6);
    resident.push(memory.resident / 1e6);
  }
  return { paced, heap, resident };
}

function failuresOf({ paced }: Soaked): readonly string[] {
  return paced.flatMap(({ failures }) => [...failures].map(([what, count]) => `${count} × ${what}`));
}

function growthOf({ heap }: Soaked): number {
  return median(heap.slice(-3)) / median(heap.slice(0, 3));
}

function report(found: readonly [Runtime, Soaked][], { seconds, before }: { seconds: number; before: number }): string {
  const versions = runtimeVersions();
  const names = { node: `Node ${versions.node}`, bun: `Bun ${versions.bun}` };
  const line = (name: string, target: string, read: (soaked: Soaked) => string) => ({
    name,
    cells: [target, ...found.map(([, soaked]) => read(soaked))],
  });
  const times = ({ paced }: Soaked) => paced.flatMap((slice) => slice.times);
  const table = toMarkdown({
    title: "Under load",
    about: `Requests of a signed-in user through the gateway, at ${share * 100} % of what ${connections} connections could carry before; memory after a
collection, ${slices} times in all. Growth is the heap of the last three over that of the first three.`,
    columns: ["", "target", ...found.map(([runtime]) => names[runtime])],
    rows: [
      line("requests a second at most", "", ({ capacity }) => capacity.toFixed(0)),
      line("requests sent", "", ({ paced }) => String(paced.reduce((sum, { sent }) => sum + sent, 0))),
      line("failed", "0", (soaked) => failuresOf(soaked).join(", ") || "0"),
      line("time from when it was due: median", "", (soaked) => `${median(times(soaked)).toFixed(2)} ms`),
      line("time from when it was due: 99 %", "", (soaked) => `${quantile(times(soaked), 0.99).toFixed(1)} ms`),
      line("heap after the first tenth", "", ({ heap }) => `${heap[0]?.toFixed(1)} MB`),
      line("heap at the end", "", ({ heap }) => `${heap.at(-1)?.toFixed(1)} MB`),
      line("growth of the heap", `≤ ${mostGrowth}`, (soaked) => growthOf(soaked).toFixed(3)),
      line("resident at the end", "", ({ resident }) => `${resident.at(-1)?.toFixed(0)} MB`),
    ],
  });
  return `# Soak

Written by \`npm run bench -- soak\` on ${new Date().toISOString().slice(0, 10)}; do not edit: ${seconds} seconds of the whole platform, all
services in one process on an embedded database.

- Machine: ${describeMachine()}
- Load average before the run ${before.toFixed(1)} (0 is a machine that does nothing else)

${table}`;
}
