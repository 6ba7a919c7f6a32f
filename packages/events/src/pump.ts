import type { BusEvent, SubscribeOptions, Subscription } from "./bus.ts";
import type { OnBusError } from "./bus-error.ts";
import { retryDelay } from "./retry.ts";
import { createSubscriber } from "./subscriber.ts";

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

/**
 * Reads a log from a position to its end and hands it over, one event at a time, whenever it is woken. It holds a
 * position and not the events, so a slow subscriber costs no memory and delays nobody else.
 */
export function createPump(source: PumpSource, options: SubscribeOptions, initiallyConnected = true): Pump {
  const subscriber = createSubscriber(options, source.onError);
  let connected = initiallyConnected;
  let running = false;
  let wanted = false;
  let failures = 0;
  let retry: NodeJS.Timeout | undefined;

  async function readToEnd(): Promise<void> {
    let more = true;
    while (more || wanted) {
      wanted = false;
      const batch = await source.read(subscriber.position());
      more = batch.more;
      for (const event of batch.events) await subscriber.handOver(event);
      if (subscriber.isClosed()) return;
    }
    failures = 0;
    if (connected) subscriber.live();
  }

  function fail(cause: unknown): void {
    if (subscriber.isClosed()) return;
    subscriber.down(cause);
    retry = setTimeout(wake, retryDelay(failures++));
  }

  function stop(): void {
    running = false;
    if (wanted) wake(); // woken after the last read had its answer
  }

  function wake(): void {
    clearTimeout(retry);
    wanted = true;
    if (running || subscriber.isClosed()) return;
    running = true;
    subscriber.inOwnContext(() => {
      readToEnd().catch(fail).finally(stop);
    });
  }

  wake();
  return {
    ready: subscriber.ready,
    wake,
    setConnected(next) {
      connected = next;
      if (next) wake();
      else subscriber.down();
    },
    async close() {
      clearTimeout(retry);
      if (subscriber.close()) source.onClose?.();
    },
  };
}
