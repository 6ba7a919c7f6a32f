import { findPostgres } from "./databases/find-postgres.ts";
import { isLeftover, isStaleTemplate } from "./databases/names.ts";
import { administer } from "./databases/template.ts";

type Project = { provide(key: "testPostgresUrl", value: string | null): void };

/**
 * vitest's global set-up: decides once, before any test is collected, which databases the tests run on, and says so.
 * Removes what earlier runs that were killed left on the server.
 */
export default async function setup(project: Project): Promise<void> {
  const url = await findPostgres(process.env);
  project.provide("testPostgresUrl", url);
  console.log(url === null ? "Databases: PGlite alone" : `Databases: PGlite and PostgreSQL at ${withoutPassword(url)}`);
  if (url !== null) await removeLeftovers(url);
}

async function removeLeftovers(server: string): Promise<void> {
  await administer(server, async (admin) => {
    const found = await admin.query(
      "select datname, coalesce(shobj_description(oid, 'pg_database'), '') as comment from pg_database",
    );
    for (const row of found) {
      const name = String(row["datname"]);
      if (!isLeftover(name) && !isStaleTemplate(name, String(row["comment"]))) continue;
      await admin.query(`drop database if exists ${name} with (force)`).catch(() => undefined); // another run's turn
    }
  });
}

function withoutPassword(url: string): string {
  const { username, host, pathname } = new URL(url);
  return `${username}@${host}${pathname}`;
}
