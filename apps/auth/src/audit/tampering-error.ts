/**
 * Somebody else than auth has written to the audit log. `rows_forged`: rows that are not sealed yet were not written by
 * auth, or not as they are now; `rows_removed`: rows went before they were sealed; `rolled_back`: the log does not
 * contain what a checkpoint says.
 */
export class TamperingError extends Error {
  override readonly name = "TamperingError";
  readonly code: "rows_forged" | "rows_removed" | "rolled_back";

  constructor(code: TamperingError["code"], message: string) {
    super(message);
    this.code = code;
  }
}
