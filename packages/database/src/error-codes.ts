/**
 * Whether the database could not be asked or could not answer now: connection refused, lost or timed out, server
 * starting or stopping, too many connections, statement or lock timeout, PGlite closed. An app answers 503 to it, as
 * neither the caller nor the code is at fault. Looks through `cause`, since drizzle wraps what the driver threw.
 */
export function isUnavailable(error: unknown): boolean {
  return some(error, (link) => {
    const code = codeOf(link);
    if (code !== null && (unavailableCodes.has(code) || /^(08|53|58)[0-9A-Z]{3}$/.test(code))) return true;
    if (isReadOnlyLink(link) || isStalePlan(link)) return true;
    if (code === "ENOENT") return "syscall" in link && link.syscall === "connect"; // a Unix socket that is not there
    return link instanceof Error && unavailableMessages.test(link.message);
  });
}

/**
 * Whether the server answers but takes no writes: a standby, or a primary that was made read-only (SQLSTATE 25006). An
 * error for which {@link isUnavailable} is true as well. Looks through `cause`.
 */
export function isReadOnly(error: unknown): boolean {
  return some(error, isReadOnlyLink);
}

/**
 * Whether an error of the server says that the connection which gave it is of no more use: the session was ended, the
 * server takes no writes, or the session's prepared statements are not those that the driver knows of.
 */
export function endsConnection(error: object): boolean {
  if (isReadOnlyLink(error) || isStalePlan(error)) return true;
  return /^(08...|57P0[1-5]|25P0[34]|26000|42P05)$/.test(codeOf(error) ?? "");
}

/**
 * Whether an error of the server says that every connection opened so far leads to a server that is no longer the one to
 * ask: it takes no writes or stops. A connection opened from now on may lead to another one.
 */
export function endsServer(error: object): boolean {
  return isReadOnlyLink(error) || /^(08...|57P0[1-3])$/.test(codeOf(error) ?? "");
}

/**
 * Whether the server lost or doubled a prepared statement (SQLSTATE 26000, 42P05), as happens behind a pooler that hands
 * each transaction another session. Nothing was executed.
 */
export function isStatementLost(error: unknown): boolean {
  return some(error, (link) => ["26000", "42P05"].includes(codeOf(link) ?? ""));
}

/**
 * Whether a statement failed because a row with the same unique key exists (SQLSTATE 23505). With `constraint`, only
 * when it was the constraint or unique index of this name. Looks through `cause`.
 */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  return some(error, (link) => {
    if (codeOf(link) !== "23505") return false;
    return constraint === undefined || constraintOf(link) === constraint;
  });
}

/**
 * Whether a transaction lost against a concurrent one (SQLSTATE 40001, 40P01) and may succeed when run again as a
 * whole. Looks through `cause`.
 */
export function isSerializationFailure(error: unknown): boolean {
  return some(error, (link) => ["40001", "40P01"].includes(codeOf(link) ?? ""));
}

/** What the drivers say without a code when a connection was lost, closed, not to be had or silent for too long. */
const unavailableMessages = new RegExp(
  [
    "^PGlite is clos(ed|ing)",
    "^Connection terminated",
    "^Client (was closed|has encountered a connection error)",
    "^Cannot use a pool after calling end",
    "^timeout (expired|exceeded when trying to connect)",
    "^Query read timeout",
  ].join("|"),
);

/** Beside SQLSTATE classes 08 (connection), 53 (resources) and 58 (system). Names without digits are the operating system's. */
const unavailableCodes: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "26000", // invalid_sql_statement_name, and
  "42P05", // duplicate_prepared_statement: a pooler in between mixes sessions
  "55P03", // lock_not_available
  "57014", // query_canceled: statement_timeout
  "57P01", // admin_shutdown
  "57P02", // crash_shutdown
  "57P03", // cannot_connect_now
]);

/** Whether the error, a cause of it, or a member of an AggregateError (as of node:net) passes the test. */
function some(error: unknown, test: (link: object) => boolean, depth = 0): boolean {
  if (typeof error !== "object" || error === null || depth > 8) return false;
  if (test(error)) return true;
  if ("cause" in error && some(error.cause, test, depth + 1)) return true;
  return error instanceof AggregateError && error.errors.some((member) => some(member, test, depth + 1));
}

/** 25006 read_only_sql_transaction; and what a standby says of a lock or a transaction id without a code of its own. */
function isReadOnlyLink(link: object): boolean {
  const code = codeOf(link);
  if (code === "25006") return true;
  return /^(55000|XX000)$/.test(code ?? "") && link instanceof Error && standbyMessage.test(link.message);
}

const standbyMessage = /(during|while) (a )?recovery|recovery is in progress/;

/** 0A000 for a prepared statement whose table was changed since: the session keeps the plan and fails for ever. */
function isStalePlan(link: object): boolean {
  return codeOf(link) === "0A000" && link instanceof Error && /cached plan/.test(link.message);
}

function codeOf(error: object): string | null {
  return "code" in error && typeof error.code === "string" ? error.code : null;
}

function constraintOf(error: object): unknown {
  return "constraint" in error ? error.constraint : undefined;
}
