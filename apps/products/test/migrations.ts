import { migrationsFolder } from "../src/app.ts";

/** What `describeDatabases` needs to make the database of products. */
export const migrations = [{ name: "products", folder: migrationsFolder }];
