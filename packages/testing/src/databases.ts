import { type OpenDatabase, openDatabase } from "@countersign/database";
import { afterAll, beforeAll, describe, inject } from "vitest";
import { hashMigrations, type Migrations } from "./databases/migrations.ts";
import { migratedSnapshot } from "./databases/snapshot.ts";
import { cloneTemplate, dropDatabase } from "./databases/template.ts";

export type { Migrations } from "./databases/migrations.ts";

declare module "vitest" {
  // oxlint-disable-next-line typescript/consistent-type-definitions -- merges with vitest's own
  interface ProvidedContext {
    /** The server for `describeDatabases`; null when the tests run on PGlite alone. */
    testPostgresUrl: string | null;
  }
}

/** What a suite says about the databases that it wants. */
export type DatabasesOptions = {
  /** The schemas to migrate, in this order; folders as for `OpenDatabase.migrate`. */
  readonly migrations: readonly Migrations[];
};

/** Gives the suite's database: migrated, empty at first, shared by its tests and closed after them. */
export type Open = () => Promise<OpenDatabase>;

/** Which database the body runs on. */
export type DatabaseUnderTest = {
  readonly kind: OpenDatabase["kind"];
  /** For a second pool or process on the same database; only inside of tests, and null on PGlite, which has one user. */
  readonly url: () => string | null;
  /** Opens a second pool on the same database, through a cable if its port is told; the test closes it. */
  readonly openAgain: (port?: number) => Promise<OpenDatabase>;
};

/**
 * Registers the body once for PGlite and, when the set-up found a server that lets us in, once more for PostgreSQL, each
 * under a name that says so. Both start in a fraction of a second: PGlite from a snapshot and PostgreSQL from a template
 * database, which are made when the migrations change.
 *
 * ```ts
 * describeDatabases("placing an order", { migrations: [{ name: "orders", folder }] }, (open) => {
 *   it("stores it", async () => {
 *     const { db } = await open();
 * ```
 */
export function describeDatabases(
  name: string,
  options: DatabasesOptions,
  body: (open: Open, database: DatabaseUnderTest) => void,
): void {
  describe(`${name} (PGlite)`, () => {
    runOn("pglite", () => startPglite(options.migrations), body);
  });
  const server = serverForTests();
  if (server === null) return;
  describe(`${name} (PostgreSQL)`, () => {
    runOn("postgres", () => startPostgres(server, options.migrations), body);
  });
}

/** Registers the body for PostgreSQL alone, for what PGlite has not: several connections. Skipped without a server. */
export function describePostgres(
  name: string,
  options: DatabasesOptions,
  body: (open: Open, url: () => string) => void,
): void {
  const server = serverForTests();
  const where = server === null ? "PostgreSQL; skipped: none answers" : "PostgreSQL";
  describe.skipIf(server === null)(`${name} (${where})`, () => {
    runOn(
      "postgres",
      () => startPostgres(server ?? "", options.migrations),
      (open, { url }) => body(open, () => url() ?? ""),
    );
  });
}

/** The decision of the global set-up: the URL of a server, or null when there is PGlite alone. */
function serverForTests(): string | null {
  const server = inject("testPostgresUrl");
  if (server === undefined) throw new Error("Add packages/testing/src/global-setup.ts to globalSetup of vitest.");
  return server;
}

type Started = { readonly database: OpenDatabase; readonly url: string | null; readonly remove: () => Promise<void> };

/** Making the snapshot or the template takes some seconds on a busy machine, and only the first time. */
const startTimeoutMs = 120_000;

function runOn(
  kind: OpenDatabase["kind"],
  start: () => Promise<Started>,
  body: (open: Open, database: DatabaseUnderTest) => void,
): void {
  let started: Started | null = null;
  const get = (): Started => {
    if (started === null) throw new Error("Open the database inside of a test or a hook.");
    return started;
  };
  beforeAll(async () => {
    started = await start();
  }, startTimeoutMs);
  afterAll(async () => {
    await started?.database.close();
    await started?.remove();
  });
  const url = (): string | null => get().url;
  body(async () => get().database, { kind, url, openAgain: (port) => openDatabase(withPort(url(), port)) });
}

function withPort(url: string | null, port: number | undefined): string {
  if (url === null) throw new Error("PGlite has one user.");
  if (port === undefined) return url;
  const address = new URL(url);
  address.host = `127.0.0.1:${port}`;
  return address.href;
}

async function startPglite(migrations: readonly Migrations[]): Promise<Started> {
  const snapshot = await migratedSnapshot(migrations, await hashMigrations(migrations));
  return { database: await openDatabase("memory:", { snapshot }), url: null, remove: async () => undefined };
}

async function startPostgres(server: string, migrations: readonly Migrations[]): Promise<Started> {
  const url = await cloneTemplate(server, migrations, await hashMigrations(migrations));
  return { database: await openDatabase(url), url, remove: () => dropDatabase(server, url) };
}
