import type { BusEvent, EventBus } from "./bus.ts";
import { BusError, type OnBusError } from "./bus-error.ts";
import { checkEvent, checkTopic } from "./checked-event.ts";
import { readEventId, toEventId } from "./position.ts";
import { type Batch, createPump, type Pump } from "./pump.ts";

/** What the in-process bus needs. */
export type InProcessBusOptions = {
  /** ms since the epoch. */
  readonly now: () => number;
  /** For how long events are replayed and their keys remembered, in ms. */
  readonly retentionMs: number;
  /** Unless told, what a subscriber throws becomes an uncaught exception of the process. */
  readonly onError?: OnBusError;
};

type Topic = { readonly events: StoredEvent[]; readonly keys: Set<string>; readonly pumps: Set<Pump>; last: number };

type StoredEvent = { readonly sequence: number; readonly key: string; readonly json: string; readonly at: number };

const batchSize = 256;

/** The bus of one process: for the platform and for tests. The log is in memory and ends with the process. */
export function createInProcessBus({ now, retentionMs, onError = throwLater }: InProcessBusOptions): EventBus {
  const epoch = Math.trunc(now());
  const topics = new Map<string, Topic>();
  let closed = false;

  function open(name: string): Topic {
    if (closed) throw new BusError("closed", "The event bus is closed.");
    checkTopic(name);
    const topic = topics.get(name) ?? { events: [], keys: new Set(), pumps: new Set(), last: 0 };
    topics.set(name, topic);
    return topic;
  }

  function expire({ events, keys }: Topic): void {
    const oldest = now() - retentionMs;
    const count = events.findIndex((event) => event.at >= oldest);
    for (const { key } of events.splice(0, count < 0 ? events.length : count)) keys.delete(key);
  }

  async function read(name: string, after: string | undefined): Promise<Batch> {
    const topic = open(name);
    expire(topic);
    const position = after === undefined ? null : readEventId(after);
    const known = position !== null && position.epoch === epoch && position.sequence <= topic.last;
    const sequence = known ? position.sequence : 0;
    // Sequences are consecutive, so the place of the next one follows from the first.
    const first = topic.events[0]?.sequence ?? topic.last + 1;
    const start = Math.max(0, sequence + 1 - first);
    const found = topic.events.slice(start, start + batchSize);
    return {
      events: found.map((event) => toBusEvent(name, epoch, event)),
      more: start + found.length < topic.events.length,
    };
  }

  return {
    async publish(name, event) {
      const topic = open(name);
      const { key, json } = checkEvent(event);
      expire(topic);
      if (topic.keys.has(key)) return;
      topic.keys.add(key);
      topic.events.push({ sequence: ++topic.last, key, json, at: now() });
      for (const pump of topic.pumps) pump.wake();
    },
    subscribe(name, options) {
      const topic = open(name);
      const pump = createPump(
        { read: (after) => read(name, after), onError, onClose: () => topic.pumps.delete(pump) },
        options,
      );
      topic.pumps.add(pump);
      return pump;
    },
    async close() {
      const pumps = [...topics.values()].flatMap((topic) => [...topic.pumps]);
      await Promise.all(pumps.map((pump) => pump.close()));
      closed = true;
    },
  };
}

function toBusEvent(topic: string, epoch: number, { sequence, key, json, at }: StoredEvent): BusEvent {
  return { id: toEventId({ epoch, sequence }), topic, key, data: JSON.parse(json), at };
}

function throwLater(error: BusError): void {
  queueMicrotask(() => {
    throw error;
  });
}
