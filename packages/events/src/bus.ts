/** One published event, as every subscriber of its topic sees it. */
export type BusEvent = {
  /**
   * Its position: decimal digits that grow within the topic. Hand the last one seen back as `after`; other than by
   * order (as integers; they may pass 2^53) positions are not to be computed with.
   */
  readonly id: string;
  readonly topic: string;
  /** The publisher's idempotency key. */
  readonly key: string;
  /** What was published, after a trip through JSON; a value of its own for each subscriber. */
  readonly data: unknown;
  /** When it was published, in ms since the epoch by the publisher's clock. */
  readonly at: number;
};

/** `live`: all that was published so far has been handed over. `down`: events may be late, and come after the recovery. */
export type BusState = "live" | "down";

/** What a subscriber asks for and is told. */
export type SubscribeOptions = {
  /**
   * The id of the last event that the subscriber has. Without it, or with one that this log does not know (it was
   * emptied, or belongs to another), the replay begins at the oldest event retained: at least once, never silently less.
   */
  readonly after?: string;
  /**
   * Receives the events in order, one at a time: the next one waits for the promise, if one is returned. What it throws
   * goes to the `onError` of the bus as a `BusError` with code `subscriber_failed`, and the next event follows.
   */
  onEvent(event: BusEvent): void | Promise<void>;
  /** Told `live` when the first replay is done, then every change. */
  onState?(state: BusState): void;
};

/** A running subscription. */
export type Subscription = {
  /** Resolves when the replay has been handed over; rejects with `closed` when the subscription ends before. */
  readonly ready: Promise<void>;
  /** No event is handed over after this is called. */
  close(): Promise<void>;
};

/**
 * A log of events per topic, kept for the driver's retention. Delivery is at least once and in order; a subscriber
 * that remembers the last id goes on where it was, after a lost connection by itself and after a restart by `after`.
 */
export type EventBus = {
  /**
   * Appends an event and resolves when it is stored. Of several with the same key within the retention the first one
   * counts, so a publisher that saw an error publishes again without doubt. Topics are lower-case words with dots
   * between (`revocations`, `auth.keys`); data is anything that JSON can say, up to 256 KiB. Rejects with `BusError`:
   * `invalid_topic`, `invalid_event`, `unavailable` (it may or may not be stored), `closed`.
   */
  publish(topic: string, event: { readonly key: string; readonly data: unknown }): Promise<void>;
  /**
   * Replays what is retained after `after`, then goes on with what comes. Returns at once and keeps trying while the
   * bus is down. Throws `BusError` (`invalid_topic`, `closed`).
   */
  subscribe(topic: string, options: SubscribeOptions): Subscription;
  /** Ends the subscriptions and the connections that the bus opened itself. Calling it again is harmless. */
  close(): Promise<void>;
};
