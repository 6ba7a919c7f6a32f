import { globSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { run } from "../run.ts";

/** What settles a service whose files are written. */
export type Written = { readonly name: string; readonly paths: readonly string[] };

/**
 * Links the workspace and locks it, generates its first migration, formats what was written, and brings the table of
 * who may call what up to date.
 *
 * @throws Error with the output of the step that failed; the link is removed again
 */
export async function settleService({ name, paths }: Written): Promise<void> {
  try {
    const npm = ["npm", "install", "--prefer-offline", "--ignore-scripts", "--omit-lockfile-registry-resolved"];
    await step("npm install", [...npm, "--no-audit", "--no-fund"]);
    await generateMigration(name);
    await step("format", ["biome", "check", "--write", ...paths.filter((path) => path.endsWith(".ts"))]);
    await step("npm run access", ["node", "apps/platform/src/access-table.ts"]);
  } catch (error) {
    await rm(`node_modules/@countersign/${name}`, { force: true });
    throw error;
  }
}

/** The migrator's journal lives in the schema and makes it before, so the migration must not insist on making it. */
async function generateMigration(name: string): Promise<void> {
  await step("drizzle-kit generate", ["drizzle-kit", "generate", "--name", `create-${name}`], `apps/${name}`);
  for (const path of globSync(`apps/${name}/drizzle/*.sql`)) {
    const sql = await readFile(path, "utf8");
    await writeFile(path, sql.replace(/^CREATE SCHEMA (?!IF NOT EXISTS)/m, "CREATE SCHEMA IF NOT EXISTS "));
  }
}

async function step(name: string, command: readonly string[], cwd = "."): Promise<void> {
  const { ok, output } = await run(command, { cwd });
  if (!ok) throw new Error(`${output.trim()}\n${name} failed; what was written is taken back.`);
}
