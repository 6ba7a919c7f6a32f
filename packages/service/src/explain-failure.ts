import { DatabaseLockedError, MigrationError } from "@countersign/database";
import { StartError } from "./start-error.ts";

/** Why a start failed: one sentence for what its operator can mend, the stack for an error of the program. */
export function explainFailure(error: unknown): string {
  const isTheirs =
    error instanceof StartError || error instanceof DatabaseLockedError || error instanceof MigrationError;
  if (isTheirs) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
