import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { type ServiceName, serviceNames } from "@countersign/access";
import { openDatabase } from "@countersign/database";
import { preparePostgresLog } from "@countersign/events";
import { ConfigurationError, databaseOptions, explainFailure, readSettingsAtStart } from "@countersign/service";
import { grantRole, readRole, type ServiceRole } from "../run/grant-role.ts";
import { migrateAll } from "../run/prepare.ts";

/**
 * `npm run migrate [-- --role <service>=<file> …]`: brings the schema of every service and of the bus up to date in the
 * PostgreSQL of `DATABASE_URL`, by the role that owns them, and ends. A file holds the `DATABASE_URL` of a service: its role is
 * made, or given that password, and may read and write what is the service's and the bus's, and nothing else.
 */
try {
  const roles = await readRoles(process.argv.slice(2));
  const settings = readSettingsAtStart("migrate", process.env);
  const schemaOf = (name: ServiceName) => (name === "auth" ? settings.AUTH_SCHEMA : name);
  const database = await openDatabase(settings.DATABASE_URL, { ...databaseOptions(settings), poolSize: 1 });
  try {
    await migrateAll(database);
    await preparePostgresLog(database);
    for (const role of roles) await grantRole(database, role, { schemaOf });
  } finally {
    await database.close();
  }
  process.stdout.write(`The schemas ${serviceNames.map(schemaOf).join(", ")} and events are up to date.\n`);
  for (const { service, name } of roles) process.stdout.write(`The role "${name}" reaches what is of ${service}.\n`);
} catch (error) {
  process.stderr.write(`${explainFailure(error)}\n`);
  process.exitCode = 1;
}

async function readRoles(args: readonly string[]): Promise<readonly ServiceRole[]> {
  const usage = `Usage: npm run migrate [-- --role <service>=<file> …], for ${serviceNames.join(", ")}`;
  const options = { role: { type: "string", multiple: true } } as const;
  const { values } = attempt(() => parseArgs({ args: [...args], options }), usage);
  return await Promise.all(
    (values.role ?? []).map(async (each) => {
      const [name = "", file = ""] = each.split("=", 2);
      const service = serviceNames.find((known) => known === name);
      if (service === undefined || file === "") throw new ConfigurationError(usage);
      const url = await readFile(file, "utf8").catch((cause: unknown) => {
        throw new ConfigurationError(`The file for the role of ${service}, ${file}, cannot be read.`, { cause });
      });
      return readRole(service, url.trim());
    }),
  );
}

function attempt<Result>(work: () => Result, problem: string): Result {
  try {
    return work();
  } catch (cause) {
    throw new ConfigurationError(problem, { cause });
  }
}
