/** What can go wrong at a bus. */
export type BusErrorCode =
  | "closed" // the bus or the subscription was closed
  | "unavailable" // the store or broker cannot be reached, or refuses
  | "misconfigured" // the broker is there and stays unusable until somebody changes what the message names; as a cause
  | "invalid_topic" // not lower-case words with dots between
  | "invalid_event" // no key or one too long; data that JSON cannot say, or too much of it
  | "read_only" // this driver only follows; it never will take an event
  | "subscriber_failed"; // an `onEvent` threw; reported, never thrown at the publisher

/** The one error of this package; `cause` keeps what lies beneath. */
export class BusError extends Error {
  override readonly name = "BusError";
  readonly code: BusErrorCode;

  constructor(code: BusErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Receives what has no caller to go to: `subscriber_failed`, `unavailable` when a subscription loses its
 * source, and `misconfigured`, once for each reason, while it has none.
 */
export type OnBusError = (error: BusError) => void;
