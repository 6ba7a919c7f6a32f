import type { ConsumerMessages, JsMsg } from "@nats-io/jetstream";
import type { BusEvent } from "../bus.ts";
import { readEventId, toEventId } from "../position.ts";
import type { Subscriber } from "../subscriber.ts";
import type { NatsLink } from "./link.ts";
import { fromMessage } from "./message.ts";
import type { StreamState } from "./prepare-stream.ts";

/** What to follow. */
export type Followed = { readonly stream: string; readonly topic: string; readonly subscriber: Subscriber };

/** A running follower. */
export type Follower = {
  /** Rejects when it cannot go on, and resolves when it was stopped. */
  readonly done: Promise<void>;
  readonly stop: () => void;
};

/**
 * Hands a topic over from the subscriber's position on, through an ordered consumer, which notices what it missed and
 * goes back for it. Ends with the link, or when the consumer falls silent: whoever started it starts another one.
 */
export function follow(link: NatsLink, followed: Followed): Follower {
  let messages: ConsumerMessages | null = null;
  let stopped = false;

  async function run(): Promise<void> {
    const { stream, topic, subscriber } = followed;
    const state = await link.prepare();
    const { DeliverPolicy } = await import("@nats-io/jetstream");
    const consumer = await link.jetstream.consumers.get(stream, {
      filter_subjects: `${stream}.${topic}`,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: nextSequence(state, subscriber.position()),
    });
    try {
      const { num_pending: pending } = await consumer.info(true);
      if (stopped) return;
      messages = await consumer.consume();
      const silence = watch(messages, subscriber);
      if (pending === 0) subscriber.live();
      await handOverAll(messages, state);
      await silence;
      if (!stopped) throw new Error("The consumer ended.");
    } finally {
      await consumer.delete().catch(() => undefined); // it went with the connection, or goes by itself in minutes
    }
  }

  async function handOverAll(received: ConsumerMessages, state: StreamState): Promise<void> {
    const { topic, subscriber } = followed;
    for await (const message of received) {
      if (stopped) return;
      const event = toEvent(message, topic, state);
      if (event !== null) await subscriber.handOver(event);
      if (message.info.pending === 0) subscriber.live();
    }
  }

  return {
    done: run(),
    stop: () => {
      stopped = true;
      messages?.stop();
    },
  };
}

/** A position of another stream, or one that this stream has not reached, is none: then all is replayed. */
function nextSequence({ epoch, lastSequence }: StreamState, after: string | undefined): number {
  const position = after === undefined ? null : readEventId(after);
  if (position === null || position.epoch !== epoch || position.sequence > lastSequence) return 1;
  return position.sequence + 1;
}

/** Ends the messages, and rejects, when the broker no longer serves them. */
async function watch(messages: ConsumerMessages, subscriber: Subscriber): Promise<void> {
  for await (const notification of messages.status()) {
    switch (notification.type) {
      case "heartbeat": // the broker is there and has nothing: also if what was pending expired meanwhile
        if (messages.getPending() === 0) subscriber.live();
        break;
      case "heartbeats_missed":
      case "consumer_deleted":
      case "consumer_not_found":
      case "stream_not_found":
        messages.stop(new Error(`The broker does not serve the consumer: ${notification.type}.`));
        break;
      default:
        break;
    }
  }
}

/** Null for a message that no bus has written. */
function toEvent(message: JsMsg, topic: string, { epoch }: StreamState): BusEvent | null {
  const written = fromMessage(message.string());
  return written === null ? null : { id: toEventId({ epoch, sequence: message.seq }), topic, ...written };
}
