import { AsyncLocalStorage } from "node:async_hooks";
import type { BusEvent, BusState, SubscribeOptions } from "./bus.ts";
import { BusError, type OnBusError } from "./bus-error.ts";

/** One subscriber as a driver sees it: where it is, what it was told, and what it throws kept apart. */
export type Subscriber = {
  readonly ready: Promise<void>;
  readonly isClosed: () => boolean;
  /** The id of the last event handed over, or where the subscriber asked to begin. */
  readonly position: () => string | undefined;
  /** Hands an event over and waits until the subscriber is done with it. Does nothing once it is closed. */
  readonly handOver: (event: BusEvent) => Promise<void>;
  /** All was handed over, and what comes will be. */
  readonly live: () => void;
  /** Events may be late. The cause is reported at the beginning of an outage, if there is one. */
  readonly down: (cause?: unknown) => void;
  /** Runs a driver's work in the context that the subscription was made in. */
  readonly inOwnContext: (work: () => void) => void;
  /** False when it was closed before. */
  readonly close: () => boolean;
};

/** Wraps what `subscribe` was given. */
export function createSubscriber(options: SubscribeOptions, onError: OnBusError): Subscriber {
  const ready = Promise.withResolvers<void>();
  ready.promise.catch(() => undefined); // who did not wait for it does not care that it was closed before
  // Not that of the publisher who happens to wake it: there a transaction or a request may be going on.
  const run = AsyncLocalStorage.snapshot();
  let position = options.after;
  let state: BusState | null = null;
  let reported = false;
  const misconfigured = new Set<string>();
  let closed = false;

  function tell(next: BusState): void {
    if (state === next || closed) return;
    state = next;
    try {
      options.onState?.(next);
    } catch (cause) {
      reportThrown(cause);
    }
  }

  function reportThrown(cause: unknown): void {
    onError(new BusError("subscriber_failed", "A subscriber of the event bus threw.", { cause }));
  }

  /** Once for each outage, and once for each sentence that says what to mend, also when that is found out later. */
  function reportCause(cause: unknown): void {
    if (cause instanceof BusError && cause.code === "misconfigured") {
      if (misconfigured.has(cause.message)) return;
      misconfigured.add(cause.message);
      onError(cause);
    } else if (!reported) {
      onError(new BusError("unavailable", "The log of the event bus cannot be read.", { cause }));
    }
    reported = true;
  }

  return {
    ready: ready.promise,
    isClosed: () => closed,
    position: () => position,
    async handOver(event) {
      if (closed) return;
      try {
        await options.onEvent(event);
      } catch (cause) {
        reportThrown(cause);
      }
      position = event.id;
    },
    live() {
      reported = false;
      misconfigured.clear();
      tell("live");
      ready.resolve();
    },
    down(cause) {
      if (cause !== undefined && !closed) reportCause(cause);
      tell("down");
    },
    inOwnContext: (work) => run(work),
    close() {
      if (closed) return false;
      closed = true;
      ready.reject(new BusError("closed", "The subscription was closed."));
      return true;
    },
  };
}
