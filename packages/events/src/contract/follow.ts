import { expect } from "vitest";
import type { BusEvent, BusState, EventBus, SubscribeOptions, Subscription } from "../bus.ts";

/** A subscription and what it was told so far. */
export type Followed = {
  readonly events: readonly BusEvent[];
  readonly states: readonly BusState[];
  readonly subscription: Subscription;
  until(count: number): Promise<void>;
  untilState(state: BusState): Promise<void>;
};

/** Subscribes and keeps what it is told. */
export function follow(bus: EventBus, topic: string, options: Partial<SubscribeOptions> = {}): Followed {
  const events: BusEvent[] = [];
  const states: BusState[] = [];
  const subscription = bus.subscribe(topic, {
    ...options,
    onEvent: (event) => {
      events.push(event);
      return options.onEvent?.(event);
    },
    onState: (state) => {
      states.push(state);
      options.onState?.(state);
    },
  });
  return {
    events,
    states,
    subscription,
    until: (count) => until(() => events.length >= count),
    untilState: (state) => until(() => states.at(-1) === state),
  };
}

/** Waits for something to become true, ten seconds at most. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error("Waited ten seconds in vain.");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** One after the other, numbered. */
export async function publishAll(bus: EventBus, topic: string, numbers: readonly number[]): Promise<void> {
  for (const index of numbers) await publish(bus, topic, index);
}

/** Publishes the event with this number: key `key-7`, data `{ index: 7 }`. */
export function publish(bus: EventBus, topic: string, index: number): Promise<void> {
  return bus.publish(topic, { key: `key-${index}`, data: { index } });
}

/** The numbers of events, in their order. */
export function indexes(events: readonly BusEvent[]): readonly number[] {
  return events.map(({ data }) => numberOf(data));
}

/** 0, 1, … count - 1. */
export function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** Fails unless positions grow. */
export function expectAscending(events: readonly BusEvent[]): void {
  const ids = events.map(({ id }) => BigInt(id));
  expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => (a < b ? -1 : 1)));
}

function numberOf(data: unknown): number {
  if (typeof data === "object" && data !== null && "index" in data) return Number(data.index);
  throw new TypeError("This event was not published by `publish`.");
}
