import { DatabaseLockedError } from "@countersign/database";
import { ConfigurationError, ListenError } from "@countersign/service";

/** Why a start failed: a sentence for what whoever starts it can mend, the whole error for what only we can. */
export function explainFailure(error: unknown): string {
  const isTheirs =
    error instanceof ConfigurationError || error instanceof DatabaseLockedError || error instanceof ListenError;
  if (isTheirs) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
