import { fileURLToPath } from "node:url";
import { checkDatabase, createServiceApp, type DomainDeps, type ServiceApp } from "@countersign/service";
import { createInventoryRouter } from "./router.ts";

export { createInventoryRouter as createRouter } from "./router.ts";
export { seedInventory as seed } from "./seed.ts";

/** The folder of the migrations, an absolute path. */
export const migrationsFolder = fileURLToPath(new URL("../drizzle", import.meta.url));

/** The inventory service, to be run by `serve` or called in process. Its database is migrated by whoever opens it. */
export function createApp({ chassis, database }: DomainDeps): ServiceApp {
  const router = createInventoryRouter({ db: database.db });
  return createServiceApp(chassis, router, { checks: { database: checkDatabase(database, "inventory") } });
}
