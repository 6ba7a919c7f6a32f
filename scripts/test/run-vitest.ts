import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../run.ts";
import type { Tally } from "./tally.ts";

/** Runs all tests by this command of a runtime, and gives what its reporter counted. */
export async function runVitest(runtime: string, command: readonly string[]): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), "tally-"));
  const file = join(folder, "tally.json");
  const { ok } = await run(command, { show: true, env: { TEST_TALLY: file } });
  const text = await readFile(file, "utf8").catch(() => null); // the runner may have died before it wrote
  await rm(folder, { recursive: true });
  return judge(runtime, ok, text === null ? null : readTally(text));
}

/** Holds the count against the runner's exit status: neither alone is believed. */
function judge(runtime: string, ok: boolean, tally: Tally | null): Tally {
  const { passed, failed, problems, skipped } = tally ?? { passed: 0, failed: 0, problems: [], skipped: [] };
  const more = [
    ...(tally === null ? ["the run ended without a count"] : []),
    ...(tally !== null && passed + failed === 0 ? ["not one test was run"] : []),
    ...(!ok && tally !== null && failed + problems.length === 0 ? ["the run failed, and no test tells why"] : []),
  ];
  return { passed, failed, skipped, problems: [...problems, ...more].map((problem) => `${runtime}: ${problem}`) };
}

function readTally(text: string): Tally {
  const tally: Tally = JSON.parse(text);
  return tally;
}
