/** A start failed for a reason that its operator can mend; the message is a sentence that says what to do, without a secret. */
export class StartError extends Error {
  override readonly name: string = "StartError";
}
