import { DatabaseDamagedError, DatabaseLockedError, MigrationError } from "@countersign/database";
import { explainDatabase } from "./explain-database.ts";
import { scrubText } from "./scrub.ts";
import { StartError } from "./start-error.ts";

/**
 * Why a start failed: one sentence for what its operator can mend, naming the setting, and the stack for an error of the
 * program. Neither holds a secret.
 */
export function explainFailure(error: unknown): string {
  const isTheirs =
    error instanceof StartError || error instanceof DatabaseLockedError || error instanceof DatabaseDamagedError;
  if (isTheirs) return error.message;
  if (error instanceof MigrationError) return explainMigration(error);
  return explainDatabase(error) ?? explainFile(error) ?? scrubText(stackOf(error));
}

/** A file or directory of the data that this process may not use; others are files of the program. */
function explainFile(error: unknown): string | null {
  if (!(error instanceof Error && "code" in error && "path" in error)) return null;
  const { code, path } = error;
  if (!["EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT", "ENOTDIR"].includes(String(code))) return null;
  const advice = "DATA_DIR, or DATABASE_URL with file:, names a directory that this user may write";
  return `DATA_DIR: ${String(path)} cannot be used (${String(code)}); ${advice}.`;
}

function explainMigration({ code, message, cause }: MigrationError): string {
  if (code === "journal_unreadable") return message; // its cause is of the file system
  const why = explainDatabase(cause);
  if (why !== null && code !== "not_allowed") return why;
  return code === "statement_failed" && cause instanceof Error ? `${message} (${cause.message})` : message;
}

/** The messages of a query builder hold a statement with its parameters, which are users' data: its cause says enough. */
function stackOf(error: unknown, depth = 0): string {
  if (!(error instanceof Error) || depth > 8) return "Something was thrown that is no error.";
  const message = "query" in error || "params" in error ? "A query failed." : error.message;
  const frames = error.stack?.split("\n").filter((line) => /^\s+at /.test(line)) ?? [];
  const members: readonly unknown[] = error instanceof AggregateError ? error.errors : [];
  const causes = [...(error.cause === undefined ? [] : [error.cause]), ...members];
  return [`${error.name}: ${message}`, ...frames, ...causes.map((each) => `Cause: ${stackOf(each, depth + 1)}`)].join(
    "\n",
  );
}
