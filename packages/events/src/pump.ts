import { AsyncLocalStorage } from "node:async_hooks";
import type { BusEvent, BusState, SubscribeOptions, Subscription } from "./bus.ts";
import { BusError, type OnBusError } from "./bus-error.ts";

/** Some events in order, and whether more are there already. */
export type Batch = { readonly events: readonly BusEvent[]; readonly more: boolean };

/** How a pump gets at the log and where it reports. */
export type PumpSource = {
  /** The next events after an id; without one, from the oldest retained. Rejects when the log cannot be read. */
  read(after: string | undefined): Promise<Batch>;
  onError: OnBusError;
  /** Called once, by `close`. */
  onClose?(): void;
};

/** A subscription that its driver wakes. */
export type Pump = Subscription & {
  /** There may be something to read. */
  wake(): void;
  /** The driver lost or regained what wakes the pump. Until regained and read to the end, the state is `down`. */
  setConnected(connected: boolean): void;
};

const retryFloorMs = 100;
const retryCeilingMs = 5_000;

/**
 * Reads a log from a position to its end and hands it over, one event at a time, whenever it is woken. It holds a
 * position and not the events, so a slow subscriber costs no memory and delays nobody else.
 */
export function createPump(source: PumpSource, options: SubscribeOptions, initiallyConnected = true): Pump {
  const ready = Promise.withResolvers<void>();
  ready.promise.catch(() => undefined); // who did not wait for it does not care that it was closed before
  // Not that of the publisher who happens to wake it: there a transaction or a request may be going on.
  const inOwnContext = AsyncLocalStorage.snapshot();
  let after = options.after;
  let connected = initiallyConnected;
  let state: BusState | null = null;
  let running = false;
  let wanted = false;
  let closed = false;
  let failures = 0;
  let retry: NodeJS.Timeout | undefined;

  function tell(next: BusState): void {
    if (state === next || closed) return;
    state = next;
    try {
      options.onState?.(next);
    } catch (cause) {
      reportSubscriber(cause);
    }
  }

  async function handOver(event: BusEvent): Promise<void> {
    try {
      await options.onEvent(event);
    } catch (cause) {
      reportSubscriber(cause);
    }
  }

  function reportSubscriber(cause: unknown): void {
    source.onError(new BusError("subscriber_failed", "A subscriber of the event bus threw.", { cause }));
  }

  async function readToEnd(): Promise<void> {
    let more = true;
    while (more || wanted) {
      wanted = false;
      const batch = await source.read(after);
      more = batch.more;
      for (const event of batch.events) {
        if (closed) return;
        await handOver(event);
        after = event.id;
      }
      if (closed) return;
    }
    failures = 0;
    if (!connected) return;
    tell("live");
    ready.resolve();
  }

  function fail(cause: unknown): void {
    if (closed) return;
    if (failures === 0) {
      source.onError(new BusError("unavailable", "The log of the event bus cannot be read.", { cause }));
    }
    tell("down");
    retry = setTimeout(wake, Math.min(retryFloorMs * 2 ** failures++, retryCeilingMs));
  }

  function stop(): void {
    running = false;
    if (wanted) wake(); // woken after the last read had its answer
  }

  function wake(): void {
    clearTimeout(retry);
    wanted = true;
    if (running || closed) return;
    running = true;
    inOwnContext(() => {
      readToEnd().catch(fail).finally(stop);
    });
  }

  wake();
  return {
    ready: ready.promise,
    wake,
    setConnected(next) {
      connected = next;
      if (next) wake();
      else tell("down");
    },
    async close() {
      if (closed) return;
      closed = true;
      clearTimeout(retry);
      ready.reject(new BusError("closed", "The subscription was closed."));
      source.onClose?.();
    },
  };
}
