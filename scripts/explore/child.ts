import { parseArgs } from "node:util";
import { openDatabase } from "@countersign/database";
import { findPostgres } from "../../packages/testing/src/databases/find-postgres.ts";
import { hashMigrations } from "../../packages/testing/src/databases/migrations.ts";
import { migratedSnapshot } from "../../packages/testing/src/databases/snapshot.ts";
import { cloneTemplate, dropDatabase } from "../../packages/testing/src/databases/template.ts";
import { weaken } from "./weaken.ts";
import { weaknesses } from "./weaknesses.ts";

/** One exploration, on one database, perhaps of weakened code; for `scripts/explore.ts`. Prints what came of it as JSON. */
const { values } = parseArgs({
  options: {
    database: { type: "string", default: "pglite" },
    seed: { type: "string", default: "1" },
    seconds: { type: "string", default: "60" },
    path: { type: "string" },
    replay: { type: "string", default: "" },
    weakness: { type: "string" },
  },
});
const weakness = weaknesses.find(({ name }) => name === values.weakness);
if (values.weakness !== undefined && weakness === undefined)
  throw new Error(`There is no weakness ${values.weakness}.`);
const unmade = weakness === undefined ? () => [] : weaken(weakness);
// Loaded after the edits are in place.
const { migrations } = await import("../../apps/auth/test/open-test-auth.ts");
const { openPlatform } = await import("../../apps/auth/test/model/platform.ts");
const { runModel } = await import("../../apps/auth/test/model/run-model.ts");
const missing = unmade();
if (missing.length > 0) throw new Error(`Not loaded, and so not weakened: ${missing.join(", ")}`);

const opened = await open();
const explored = await runModel(await openPlatform(opened.database), {
  seed: Number(values.seed),
  runs: values.path === undefined ? 1_000_000 : 1,
  limitMs: { find: Number(values.seconds) * 1000, shorten: 10_000 },
  ...(values.path === undefined ? {} : { place: { path: values.path, replayPath: values.replay } }),
});
await opened.database.close();
await opened.remove();
console.log(JSON.stringify(explored));
process.exit(0);

async function open() {
  const hash = await hashMigrations(migrations);
  if (values.database === "pglite") {
    const database = await openDatabase("memory:", { snapshot: await migratedSnapshot(migrations, hash) });
    return { database, remove: async () => undefined };
  }
  const server = await findPostgres({ TEST_DATABASE_URL: process.env["TEST_DATABASE_URL"] });
  if (server === null) throw new Error("No PostgreSQL answers; set TEST_DATABASE_URL.");
  const url = await cloneTemplate(server, migrations, hash);
  return { database: await openDatabase(url), remove: () => dropDatabase(server, url) };
}
