/** The statuses of the endpoints for receivers. */
type Status = 400 | 401 | 403 | 404 | 405 | 409 | 429;

/** A "no" to a receiver: the status of the answer, and a sentence for whoever runs it. */
export class SsfError extends Error {
  override readonly name = "SsfError";
  readonly status: Status;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: Status, message: string, { retryAfterSeconds }: { readonly retryAfterSeconds?: number } = {}) {
    super(message);
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
