import { revocationTopic } from "@countersign/context";
import { BusError, type BusEvent, type EventBus, type SubscribeOptions } from "@countersign/events";
import { type FeedPosition, peekFeedPosition } from "@countersign/tokens";
import { z } from "zod";

/** The order in which held events go out. */
export type Order = "as published" | "reversed" | "doubled";

/** An event bus whose faults are commanded: it loses, delays, reorders and repeats, and takes what anybody writes. */
export type FaultyBus = EventBus & {
  /** The next events of auth are lost, and auth hears that they were taken. */
  dropNext(count: number): void;
  /** Events wait until `release`. */
  hold(): void;
  /** Hands out what waits, and from then on each event at once. */
  release(order: Order): Promise<void>;
  /** Whether publishing is refused. */
  setDown(isDown: boolean): void;
  /** Whether it brings everything at once now. */
  isSound(): boolean;
  /** Whether it has lost the revocation of this number. */
  hasLost(number: number): boolean;
  /** Removes what is retained. */
  purge(): void;
  /** Publishes what is not auth's, or once more what was; under a key that nothing else has by default. */
  inject(data: unknown, key?: string): Promise<void>;
  /** The heartbeats of auth so far, oldest first. */
  heartbeats(): readonly unknown[];
  /** The place of an event that auth itself published; null for any other. */
  genuine(data: unknown): FeedPosition | null;
  /** Ends all faults, and starts with an empty log. */
  mend(): void;
};

const message = z.object({ set: z.string() });

export function createFaultyBus(): FaultyBus {
  const subscribers = new Set<SubscribeOptions>();
  const positions = new Map<string, FeedPosition>();
  const keys = new Set<string>();
  const lost = new Set<number>();
  let log: BusEvent[] = [];
  let beats: unknown[] = [];
  let held: BusEvent[] | null = null;
  let dropping = 0;
  let isDown = false;
  let last = 0;

  async function deliver(event: BusEvent): Promise<void> {
    log.push(event);
    for (const subscriber of subscribers) await subscriber.onEvent(event);
  }

  async function append(topic: string, key: string, data: unknown): Promise<void> {
    if (keys.has(key)) return;
    keys.add(key);
    last += 1;
    const event = { id: String(last), topic, key, data, at: 0 };
    if (held === null) await deliver(event);
    else held.push(event);
  }

  return {
    async publish(topic, { key, data }) {
      if (topic !== revocationTopic) return;
      if (isDown) throw new BusError("unavailable", "The bus is down.");
      const { set } = message.parse(data);
      const position = peekFeedPosition(set);
      if (position === null) throw new Error("Auth published an event without a place.");
      positions.set(set, position);
      if (position.beat !== undefined) beats.push(data);
      if (dropping === 0) return await append(topic, key, data);
      dropping -= 1;
      if (position.beat === undefined) lost.add(position.number);
    },
    subscribe(topic, options) {
      if (topic !== revocationTopic) return { ready: Promise.resolve(), close: async () => undefined };
      const replay = async () => {
        for (const event of log) await options.onEvent(event);
        options.onState?.("live");
        subscribers.add(options);
      };
      return { ready: replay(), close: async () => void subscribers.delete(options) };
    },
    close: async () => undefined,
    dropNext(count) {
      dropping = count;
    },
    hold() {
      held ??= [];
    },
    async release(order) {
      const waiting = held ?? [];
      held = null;
      const inOrder = order === "reversed" ? waiting.toReversed() : waiting;
      for (const event of order === "doubled" ? [...inOrder, ...inOrder] : inOrder) await deliver(event);
    },
    setDown(next) {
      isDown = next;
    },
    hasLost: (number) => lost.has(number),
    isSound: () => held === null && dropping === 0 && !isDown,
    purge() {
      log = [];
    },
    inject: (data, key = crypto.randomUUID()) => append(revocationTopic, key, data),
    heartbeats: () => beats,
    genuine(data) {
      const read = message.safeParse(data);
      return read.success ? (positions.get(read.data.set) ?? null) : null;
    },
    mend() {
      [log, beats, held, dropping, isDown] = [[], [], null, 0, false];
      positions.clear();
      keys.clear();
      lost.clear();
    },
  };
}
