import path from "node:path";
import { fileURLToPath } from "node:url";
import { openDirectory } from "./open-directory.ts";
import { createPglite, fromPglite } from "./open-pglite.ts";
import { openPostgres, type PostgresOptions } from "./open-postgres.ts";
import type { OpenDatabase } from "./types.ts";
import { findPostgresUrlProblem } from "./url-problem.ts";

/** Settings of `openDatabase`; all of them concern PostgreSQL alone, except `snapshot` and `observe`. */
export type OpenOptions = PostgresOptions & {
  /** Only with `memory:`: the contents to start from, made by `createSnapshot`. */
  readonly snapshot?: Blob;
};

/**
 * Opens a database by its URL and leaves it to the caller to migrate and close it.
 *
 * - `file:/abs/dir` or `file:relative/dir`: PGlite with its data in that directory, which is made when missing and held
 *   by one process at a time. Throws `DatabaseLockedError`, which names the holder, when another one has it. The first
 *   start takes about three seconds, later ones 0.3.
 * - `memory:`: PGlite that forgets everything at `close`.
 * - `postgres://user:password@host:port/database`: a PostgreSQL server (14 or newer). Connects at the first query, so a
 *   server that is down shows there, as an error of which `isUnavailable` is true.
 *
 * Any other URL throws a TypeError, which does not repeat the URL: it may hold a password.
 */
export async function openDatabase(url: string, options: OpenOptions = {}): Promise<OpenDatabase> {
  if (/^postgres(ql)?:\/\//.test(url)) {
    for (const each of [url, options.listenUrl ?? url]) {
      const problem = findPostgresUrlProblem(each);
      if (problem !== null) throw new TypeError(`The database URL ${problem}.`);
    }
    return openPostgres(url, options);
  }
  if (url === "memory:")
    return fromPglite(
      await createPglite(options.snapshot === undefined ? {} : { snapshot: options.snapshot }),
      options.observe,
    );
  if (url.startsWith("file:")) return openDirectory(directoryOf(url), options.observe);
  throw new TypeError('A database URL starts with "postgres://", or is "file:<directory>" or "memory:".');
}

/** `new URL("file:.data")` would mean `/.data`, hence not by URL unless it has slashes enough to be one. */
function directoryOf(url: string): string {
  const directory = url.startsWith("file://") ? fileURLToPath(url) : path.resolve(url.slice("file:".length));
  if (url === "file:") throw new TypeError('The database URL "file:" names no directory.');
  return directory;
}
