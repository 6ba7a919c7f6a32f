import { run } from "../run.ts";
import type { Tally } from "./tally.ts";

type Check = {
  readonly name: string;
  readonly command: readonly string[];
  /** Whether what it says is printed also when it passes. */
  readonly tells?: boolean;
};

const checks: readonly Check[] = [
  { name: "format", command: ["biome", "check", "--error-on-warnings"] },
  { name: "lint", command: ["oxlint", "--type-aware", "--deny-warnings"] },
  { name: "types", command: ["turbo", "run", "typecheck", "--output-logs=errors-only"] },
  { name: "types at size", command: ["node", "scripts/type-budget.ts"], tells: true },
  { name: "package boundaries", command: ["turbo", "boundaries"] },
  { name: "house rules", command: ["node", "scripts/boundaries.ts"] },
  { name: "dead code", command: ["knip"] },
  { name: "compose file", command: ["dclint", "--max-warnings", "0", "docker-compose.yml"] },
];

/** Runs every check, one after another, and prints a line for each; the output of those that fail or have to tell. */
export async function runChecks(): Promise<Tally> {
  let failed = 0;
  for (const { name, command, tells = false } of checks) {
    const { ok, output, seconds } = await run(command);
    console.log(`${ok ? "✓" : "✗"} ${name} (${seconds.toFixed(1)} s)`);
    if (!ok) failed++;
    if (!ok || tells) console.log(ok ? `  ${output.trim()}` : output);
  }
  return { passed: checks.length - failed, failed, problems: [], skipped: [] };
}
