import { fileURLToPath } from "node:url";
import { checkDatabase, createServiceApp, type DomainDeps, type ServiceApp } from "@countersign/service";
import { createOrdersDeps } from "./deps.ts";
import { type Work, workOnRecovery } from "./recover.ts";
import { createOrdersRouter } from "./router.ts";

export { createOrdersRouter as createRouter } from "./router.ts";

/** The folder of the migrations, an absolute path. */
export const migrationsFolder = fileURLToPath(new URL("../drizzle", import.meta.url));

/** The orders service, to be run by `serve` or called in process. Its database is migrated by whoever opens it. */
export function createApp({ chassis, database }: DomainDeps): ServiceApp {
  const router = createOrdersRouter(createOrdersDeps({ chassis, database }));
  return createServiceApp(chassis, router, { checks: { database: checkDatabase(database, "orders") } });
}

/** What the service does beside answering: it clears up after broken-off requests, at once and every half a minute. */
export function startWork({ chassis, database }: DomainDeps): Work {
  return workOnRecovery(createOrdersDeps({ chassis, database }), chassis.log);
}
