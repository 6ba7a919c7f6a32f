import { runChecks } from "./test/run-checks.ts";
import { runVitest } from "./test/run-vitest.ts";
import { sum, toLine } from "./test/tally.ts";

const vitest = ["node_modules/vitest/vitest.mjs", "run"];
const total = sum([
  await runChecks(),
  await runVitest("Node", ["node", ...vitest]),
  await runVitest("Bun", ["bun", "--bun", ...vitest, "--pool=threads"]),
]);

for (const { name, reason } of total.skipped) console.log(`skipped: ${name} (${reason || "no reason given"})`);
for (const problem of total.problems) console.error(`problem: ${problem}`);
console.log(toLine(total));
process.exitCode = total.failed + total.problems.length === 0 ? 0 : 1;
