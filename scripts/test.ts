import { runChecks } from "./test/run-checks.ts";
import { runVitest } from "./test/run-vitest.ts";
import { none, sum, toLine } from "./test/tally.ts";

/** `npm test`, or with `--ci` the long suites alone: see vitest.ci.config.ts. */
const isCi = process.argv.includes("--ci");
const vitest = ["node_modules/vitest/vitest.mjs", "run", ...(isCi ? ["--config", "vitest.ci.config.ts"] : [])];
const checked = isCi ? none : await runChecks();
console.log("\nTests on Node");
const onNode = await runVitest("Node", ["node", ...vitest]);
console.log("\nTests on Bun");
const onBun = await runVitest("Bun", ["bun", "--bun", ...vitest, "--pool=threads"]);

const total = sum([checked, onNode, onBun]);

for (const { name, reason } of total.skipped) console.log(`skipped: ${name} (${reason || "no reason given"})`);
for (const problem of total.problems) console.error(`problem: ${problem}`);
if (!isCi) console.log("left to `npm run test:ci`: the suites in *.ci.test.ts, which take foreign programs or long");
console.log(toLine(total));
process.exitCode = total.failed + total.problems.length === 0 ? 0 : 1;
