import { randomBytes } from "node:crypto";
import { type OpenDatabase, openDatabase } from "@countersign/database";
import { type Migrations, migrateAll } from "./migrations.ts";
import { templateName, temporaryName } from "./names.ts";

/**
 * A fresh copy of the migrated, empty database with this hash; gives its URL. The template is made under a temporary name
 * and renamed, so one that was left half-made is never copied; a lock of the server lets one process make it.
 */
export async function cloneTemplate(server: string, migrations: readonly Migrations[], hash: string): Promise<string> {
  const template = templateName(hash);
  const clone = temporaryName(randomBytes(4).toString("hex"));
  await administer(server, async (admin) => {
    await admin.query("select pg_advisory_lock(hashtextextended($1, 0))", [template]);
    const [found] = await admin.query("select 1 from pg_database where datname = $1", [template]);
    if (found === undefined) await makeTemplate(admin, server, { template, migrations });
    await noteUse(admin, template);
    await admin.query(`create database ${clone} template ${template}`);
  });
  return urlOf(server, clone);
}

/** Removes a copy, and whoever is still connected to it. */
export async function dropDatabase(server: string, url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  await administer(server, (admin) => admin.query(`drop database if exists ${name} with (force)`));
}

/** Runs work on the server's own database, over one connection, whose locks end with it. */
export async function administer<Result>(
  server: string,
  work: (admin: OpenDatabase) => Promise<Result>,
): Promise<Result> {
  const admin = await openDatabase(server, { poolSize: 1, statementTimeoutMs: 0 });
  try {
    return await work(admin);
  } finally {
    await admin.close();
  }
}

type Template = { readonly template: string; readonly migrations: readonly Migrations[] };

async function makeTemplate(admin: OpenDatabase, server: string, { template, migrations }: Template): Promise<void> {
  const draft = temporaryName(randomBytes(4).toString("hex"));
  await admin.query(`create database ${draft} template template0`);
  const database = await openDatabase(urlOf(server, draft), { poolSize: 1 });
  try {
    await migrateAll(database, migrations);
  } finally {
    await database.close();
  }
  await noteUse(admin, draft); // before it has the name: a template without a note is taken for one that nobody uses
  await admin.query(`alter database ${draft} rename to ${template}`);
}

async function noteUse(admin: OpenDatabase, database: string): Promise<void> {
  await admin.query(`comment on database ${database} is '${new Date().toISOString()}'`);
}

function urlOf(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}
