import { migrationsFolder } from "../src/app.ts";

/** What `describeDatabases` needs to make the database of orders. */
export const migrations = [{ name: "orders", folder: migrationsFolder }];
