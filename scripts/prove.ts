import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Platform, startPlatform } from "./prove/platform.ts";
import { run } from "./run.ts";

/**
 * Proves what the README promises of `npm start`: that it answers, how it ends, that it guards its data, and that the
 * demo passes. How soon it answers depends on the machine, and is said beside it. Then that `docs/access.md` tells the truth. Closes with `N passed, N failed`.
 */
const folder = await mkdtemp(join(tmpdir(), "countersign-"));
const data = join(folder, "data");
let passed = 0;
let failed = 0;
let platform = startPlatform(data);

let first = 0;
await prove("the first start answers through the gateway", async () => {
  first = await platform.untilAnswering();
  return `${first.toFixed(1)} s`;
});
await prove("npm run demo passes", async () => {
  const { ok, output, seconds } = await run(["npm", "run", "demo"]);
  assert(ok, output);
  return `${seconds.toFixed(1)} s`;
});
await prove("a start on a held data directory fails and names the holder", async () => {
  const second = startPlatform(data);
  assert((await second.ended(10)) !== 0, "it went on");
  const holder = Number(/process (\d+)/.exec(second.output())?.[1]);
  assert(holder > 0 && isAlive(holder), `it named no running process:\n${second.output()}`);
  return `process ${holder}`;
});
await prove("SIGTERM ends it with status 0 within 10 s", () => endsInOrder(platform, "SIGTERM"));

platform = startPlatform(data);
await prove("the second start answers sooner than the first, which made the database", async () => {
  const second = await platform.untilAnswering();
  assert(second < first, `it took ${second.toFixed(1)} s, the first ${first.toFixed(1)} s`);
  return `${second.toFixed(1)} s`;
});
await prove("a killed one leaves nothing to clean up by hand", async () => {
  await platform.kill();
  platform = startPlatform(data);
  return `${(await platform.untilAnswering()).toFixed(1)} s`;
});
await prove("SIGINT ends it with status 0 within 10 s", () => endsInOrder(platform, "SIGINT"));

await prove("docs/access.md is not stale", async () => {
  const { ok, output } = await run(["npm", "run", "access"]);
  assert(ok, output);
  const status = await run(["git", "status", "--porcelain", "--", "docs/access.md"]);
  assert(status.ok && status.output === "", status.output);
  return "no difference";
});

await rm(folder, { recursive: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function prove(claim: string, proof: () => Promise<string>): Promise<void> {
  try {
    const detail = await proof();
    passed++;
    console.log(`✓ ${claim} (${detail})`);
  } catch (error) {
    failed++;
    console.log(`✗ ${claim}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function endsInOrder(running: Platform, signal: NodeJS.Signals): Promise<string> {
  const { status, seconds } = await running.end(signal, 10);
  assert(status === 0, `status ${status}\n${running.output()}`);
  return `${seconds.toFixed(1)} s`;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function assert(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
