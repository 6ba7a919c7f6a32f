import { fileURLToPath } from "node:url";
import { checkDatabase, createServiceApp, type DomainDeps, type ServiceApp } from "@countersign/service";
import { v7 } from "uuid";
import { createProductsRouter } from "./router.ts";

export { createProductsRouter as createRouter } from "./router.ts";
export { seedProducts as seed } from "./seed.ts";

/** The folder of the migrations, an absolute path. */
export const migrationsFolder = fileURLToPath(new URL("../drizzle", import.meta.url));

/** The products service, to be run by `serve` or called in process. Its database is migrated by whoever opens it. */
export function createApp({ chassis, database }: DomainDeps): ServiceApp {
  const newId = () => v7({ msecs: chassis.now() });
  const router = createProductsRouter({ db: database.db, newId });
  return createServiceApp(chassis, router, { checks: { database: checkDatabase(database, "products") } });
}
