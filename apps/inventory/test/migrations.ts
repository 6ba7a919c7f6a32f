import { migrationsFolder } from "../src/app.ts";

/** What `describeDatabases` needs to make the database of inventory. */
export const migrations = [{ name: "inventory", folder: migrationsFolder }];
