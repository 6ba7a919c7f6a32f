import { parseArgs } from "node:util";
import { findPostgres } from "../packages/testing/src/databases/find-postgres.ts";
import { startExploration } from "./explore/start-exploration.ts";
import { toLines } from "./explore/to-lines.ts";
import { weaknesses } from "./explore/weaknesses.ts";

/**
 * `npm run explore -- --minutes=5`: holds auth to the model of `apps/auth/test/model` for so long, on both databases at once,
 * from a seed that it prints. `--weakened` takes away one guard after the other instead, two at a time and each for so long at
 * most, and fails for each whose loss is not found; `--only=` names some of them by a part of their names. A counterexample
 * says how it is run again. The last line is `N passed, N failed`.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    database: { type: "string" },
    seed: { type: "string" },
    path: { type: "string" },
    replay: { type: "string" },
    weakened: { type: "boolean", default: false },
    only: { type: "string", default: "" },
  },
});
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new RangeError("--minutes is a number above 0.");
const seconds = minutes * 60;
const server = await findPostgres({ TEST_DATABASE_URL: process.env["TEST_DATABASE_URL"] });
let passed = 0;
let failed = 0;

if (values.weakened) await exploreWeakened();
else await explore();
console.log(`${passed} passed, ${failed} failed`);
if (failed > 0) process.exitCode = 1;

async function explore(): Promise<void> {
  const seed = values.seed ?? String(Math.floor(Math.random() * 1_000_000_000));
  const here = server === null ? ["pglite"] : ["pglite", "postgres"];
  const databases = values.database === undefined ? here : [values.database];
  const { path, replay } = values;
  await Promise.all(
    databases.map(async (database) => {
      const explored = await startExploration({ database, seed, seconds, path, replay });
      const found = explored?.counterexample;
      const isSound = explored !== null && explored.runs > 0 && found === null;
      report(isSound, `${database}, seed ${seed}`, toLines(explored));
      if (found !== null && found !== undefined)
        console.log(
          `    again: --database=${database} --seed=${seed} --path=${found.place.path} --replay=${found.place.replayPath}`,
        );
    }),
  );
}

/** A child that fails otherwise than by what the model holds has found nothing. */
async function exploreWeakened(): Promise<void> {
  const seed = values.seed ?? "1";
  const database = values.database ?? (server === null ? "pglite" : "postgres");
  const waiting = weaknesses.filter(({ name }) => name.includes(values.only)).values();
  const work = async () => {
    for (const { name, isRace = false } of waiting) {
      if (isRace && database === "pglite") {
        console.log(`- ${name}: skipped, needs a PostgreSQL`);
        continue;
      }
      const began = performance.now();
      const explored = await startExploration({ database, seed, seconds, weakness: name });
      const took = ((performance.now() - began) / 1000).toFixed(1);
      const violated = explored?.counterexample?.violated;
      const isFound = violated !== undefined && violated !== "no error";
      report(isFound, `${name}: ${isFound ? "found" : "not found"}, ${took} s`, toLines(explored));
    }
  };
  await Promise.all([work(), work()]);
}

function report(isGood: boolean, what: string, lines: readonly string[]): void {
  if (isGood) passed += 1;
  else failed += 1;
  console.log([`${isGood ? "✓" : "✗"} ${what}`, ...lines].join("\n    "));
}
