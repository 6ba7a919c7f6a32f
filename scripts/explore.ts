import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { findPostgres } from "../packages/testing/src/databases/find-postgres.ts";
import { weaknesses } from "./explore/weaknesses.ts";

/**
 * `npm run explore -- --minutes=5`: holds auth to the model of `apps/auth/test/model` for so long, on each database, from a
 * seed that it prints. `--seed=` and `--path=` replay a counterexample. `--weakened` takes away one guard after the other
 * instead, and fails for each whose loss is not found. The last line is `N passed, N failed`.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string" },
    path: { type: "string" },
    weakened: { type: "boolean", default: false },
  },
});
const child = fileURLToPath(new URL("explore/child.ts", import.meta.url));
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new RangeError("--minutes is a number above 0.");
let passed = 0;
let failed = 0;

if (values.weakened) await exploreWeakened();
else await explore();
console.log(`${passed} passed, ${failed} failed`);
if (failed > 0) process.exitCode = 1;

async function explore(): Promise<void> {
  const seed = values.seed ?? String(Math.floor(Math.random() * 1_000_000_000));
  const server = await findPostgres({ TEST_DATABASE_URL: process.env["TEST_DATABASE_URL"] });
  const databases = server === null ? ["pglite"] : ["pglite", "postgres"];
  const path = values.path === undefined ? [] : [`--path=${values.path}`];
  for (const database of databases) {
    const { code, out } = await run([`--database=${database}`, `--seed=${seed}`, `--seconds=${minutes * 60}`, ...path]);
    count(code === 0, `${database}, seed ${seed}: ${out}`);
  }
}

/** A child that fails otherwise than by a counterexample has found nothing. */
async function exploreWeakened(): Promise<void> {
  for (const { name } of weaknesses) {
    const { code, out } = await run([`--weakness=${name}`, "--seed=1", `--seconds=${minutes * 60}`]);
    count(code === 1 && /"violated":"(?!no error)/.test(out), `${name}: ${out}`);
  }
}

function count(isGood: boolean, what: string): void {
  if (isGood) passed += 1;
  else failed += 1;
  console.log(`${isGood ? "✓" : "✗"} ${what}`);
}

async function run(args: readonly string[]): Promise<{ readonly code: number | null; readonly out: string }> {
  const started = spawn(process.execPath, [child, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const closed = new Promise<number | null>((resolve) => started.once("close", resolve));
  const out = (await text(started.stdout)).trim();
  return { code: await closed, out };
}
