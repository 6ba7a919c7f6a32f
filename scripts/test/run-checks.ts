import { run } from "../run.ts";
import type { Tally } from "./tally.ts";

const checks: readonly { readonly name: string; readonly command: readonly string[] }[] = [
  { name: "format", command: ["biome", "check", "--error-on-warnings"] },
  { name: "lint", command: ["oxlint", "--type-aware", "--deny-warnings"] },
  { name: "types", command: ["turbo", "run", "typecheck", "--output-logs=errors-only"] },
  { name: "package boundaries", command: ["turbo", "boundaries"] },
  { name: "house rules", command: ["node", "scripts/boundaries.ts"] },
  { name: "dead code", command: ["knip"] },
  { name: "compose file", command: ["dclint", "--max-warnings", "0", "docker-compose.yml"] },
];

/** Runs every check, one after another, and prints a line for each; the output only of those that fail. */
export async function runChecks(): Promise<Tally> {
  let failed = 0;
  for (const { name, command } of checks) {
    const { ok, output, seconds } = await run(command);
    console.log(`${ok ? "✓" : "✗"} ${name} (${seconds.toFixed(1)} s)`);
    if (ok) continue;
    failed++;
    console.log(output);
  }
  return { passed: checks.length - failed, failed, problems: [], skipped: [] };
}
