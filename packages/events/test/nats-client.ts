import { type JetStreamManager, jetstreamManager, type StreamConfig } from "@nats-io/jetstream";
import { type ConnectionOptions, connect, type NatsConnection } from "@nats-io/transport-node";
import { expect } from "vitest";
import type { BusEvent, EventBus } from "../src/bus.ts";

/** What the streams of somebody else are made with. */
export type ForeignSettings = Partial<StreamConfig> & Readonly<Record<string, unknown>>;

/** Does something by a plain client of the broker, with a connection of its own. */
export async function withConnection<Result>(
  options: ConnectionOptions,
  work: (connection: NatsConnection, manager: JetStreamManager) => Promise<Result>,
): Promise<Result> {
  const connection = await connect(options);
  try {
    return await work(connection, await jetstreamManager(connection, { timeout: 1_000 }));
  } finally {
    await connection.close();
  }
}

/** As an outbox does: again until it is stored. */
export async function publishWhenUp(bus: EventBus, number: number, topic = "a"): Promise<void> {
  const publish = () =>
    bus.publish(topic, { key: String(number), data: number }).then(
      () => "stored",
      () => "not yet",
    );
  await expect.poll(publish, { timeout: 15_000 }).toBe("stored");
}

/** Follows a topic and keeps what came. */
export function follow(bus: EventBus, topic: string, after?: string) {
  const events: BusEvent[] = [];
  const states: string[] = [];
  const { ready } = bus.subscribe(topic, {
    ...(after === undefined ? {} : { after }),
    onEvent: (event) => void events.push(event),
    onState: (state) => states.push(state),
  });
  ready.catch(() => undefined); // not every test waits for it
  return { events, states, ready, data: () => events.map(({ data }) => data) };
}
