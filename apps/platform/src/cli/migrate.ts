import { serviceNames } from "@countersign/access";
import { openDatabase } from "@countersign/database";
import { explainFailure, readEnv, setting } from "@countersign/service";
import { z } from "zod";
import { migrateAll } from "../run/prepare.ts";

/**
 * `npm run migrate`: brings the schema of every service up to date in the PostgreSQL of `DATABASE_URL`, by the role that
 * owns them, and ends. The services then run by roles that only read and write.
 */
try {
  const { DATABASE_URL: url } = readEnv(z.object({ DATABASE_URL: setting.postgresUrl() }), process.env);
  const database = await openDatabase(url, { poolSize: 1 });
  try {
    await migrateAll(database);
  } finally {
    await database.close();
  }
  process.stdout.write(`The schemas ${serviceNames.join(", ")} are up to date.\n`);
} catch (error) {
  process.stderr.write(`${explainFailure(error)}\n`);
  process.exitCode = 1;
}
