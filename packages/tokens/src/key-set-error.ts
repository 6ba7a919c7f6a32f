/** Why an issuer's keys could not be had. */
export type KeySetFailure =
  | "unreachable"
  | "timed_out"
  | "redirected"
  | "bad_status"
  | "too_large"
  | "not_a_key_set"
  | "empty";

/** The `cause` of a TokenError `keys_unavailable`. */
export class KeySetError extends Error {
  override readonly name = "KeySetError";
  readonly failure: KeySetFailure;

  constructor(failure: KeySetFailure, options?: { cause?: unknown }) {
    super(`The issuer's keys cannot be had: ${failure}.`, options);
    this.failure = failure;
  }
}
