import { randomBytes } from "node:crypto";
import pg from "pg";

/** A database of this run's own. */
export type ScratchDatabase = { readonly url: string; drop(): Promise<void> };

/** Where PostgreSQL is: `BENCH_DATABASE_URL`, or the server on this machine. */
const server = process.env["BENCH_DATABASE_URL"] ?? "postgres://postgres@127.0.0.1:5432/postgres";

/** Makes an empty database on the server; `drop` removes it with whoever is connected. */
export async function createScratchDatabase(): Promise<ScratchDatabase> {
  const name = `countersign_bench_${process.pid}_${randomBytes(4).toString("hex")}`;
  await administer(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(`drop database if exists ${name} with (force)`) };
}

/** The server's version, such as "15.20". */
export async function postgresVersion(): Promise<string> {
  const client = new pg.Client(server);
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>("show server_version");
  await client.end();
  return rows[0]?.server_version.split(" ")[0] ?? "unknown";
}

async function administer(statement: string): Promise<void> {
  const client = new pg.Client(server);
  await client.connect();
  await client.query(statement).finally(() => client.end());
}
