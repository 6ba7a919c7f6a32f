import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { ServiceCallError, type ServiceCalls, type ServiceStreams } from "@countersign/client/service";
import {
  BusError,
  checkTopic,
  createSubscriber,
  type EventBus,
  type OnBusError,
  retryDelay,
  type Subscriber,
  type Subscription,
} from "@countersign/events";
import { denialTopic } from "../denials/denial-report.ts";
import { feedItem } from "./feed-item.ts";

/** What the bus over auth's subscription needs. */
export type AuthBusOptions = {
  readonly streams: ServiceStreams;
  /** Hands over what may be published; without it nothing can be. */
  readonly call?: ServiceCalls;
  readonly onError: OnBusError;
  /** The subscription of auth for each topic that can be followed; that of revocations unless told. */
  readonly paths?: Readonly<Record<string, string>>;
};

const revocationsOnly = { revocations: "revocations.follow" };

/** The mutations of auth that put an event of a topic on its bus. */
const publishedBy: Readonly<Record<string, string>> = { [denialTopic]: "audit.report" };

/**
 * A bus that follows auth's own feed over Server-Sent Events, for services that share neither a database nor a broker
 * with it. It resumes by the last position, as every driver does, and is `down` while auth cannot be reached or says
 * that the bus behind it is. Only auth publishes revocations; what a service refused it reports to auth by a call.
 */
export function createAuthBus({ streams, call, onError, paths = revocationsOnly }: AuthBusOptions): EventBus {
  const subscriptions = new Set<Subscription>();
  let closed = false;

  function check(topic: string): void {
    if (closed) throw new BusError("closed", "The event bus is closed.");
    checkTopic(topic);
  }

  return {
    async publish(topic, event) {
      check(topic);
      const path = Object.hasOwn(publishedBy, topic) ? publishedBy[topic] : undefined;
      if (call === undefined || path === undefined) {
        throw new BusError("read_only", `Auth takes no events of the topic ${topic}.`);
      }
      await call({ callee: "auth", path, input: event, requestId: randomUUID() }).catch(refuse);
    },
    subscribe(topic, options) {
      check(topic);
      const path = Object.hasOwn(paths, topic) ? paths[topic] : undefined;
      if (path === undefined) throw new BusError("invalid_topic", `Auth has no feed of the topic ${topic}.`);
      const subscriber = createSubscriber(options, onError);
      const ending = new AbortController();
      const subscription: Subscription = {
        ready: subscriber.ready,
        async close() {
          if (!subscriber.close()) return;
          ending.abort();
          subscriptions.delete(subscription);
        },
      };
      subscriptions.add(subscription);
      subscriber.inOwnContext(() => void followFor(streams, { topic, path, subscriber, signal: ending.signal }));
      return subscription;
    },
    async close() {
      closed = true;
      await Promise.all([...subscriptions].map((subscription) => subscription.close()));
    },
  };
}

function refuse(cause: unknown): never {
  const isOurs = cause instanceof ServiceCallError && cause.code === "BAD_REQUEST";
  if (isOurs) throw new BusError("invalid_event", "Auth does not take the event.", { cause });
  throw new BusError("unavailable", "The event could not be handed to auth.", { cause });
}

type Following = {
  readonly topic: string;
  readonly path: string;
  readonly subscriber: Subscriber;
  readonly signal: AbortSignal;
};

/** Follows until it is closed, each time from where it was. Never rejects. */
async function followFor(streams: ServiceStreams, following: Following): Promise<void> {
  const { subscriber, signal } = following;
  for (let failures = 0; !subscriber.isClosed(); ) {
    try {
      const heard = await followOnce(streams, following);
      failures = heard ? 0 : failures + 1;
    } catch (cause) {
      if (subscriber.isClosed()) return;
      subscriber.down(cause);
      failures += 1;
    }
    await setTimeout(retryDelay(Math.max(0, failures - 1)), undefined, { signal }).catch(() => undefined); // closed
  }
}

/** One connection. Answers whether auth ended it in good order; one that just stops is a failure like any other. */
async function followOnce(streams: ServiceStreams, { topic, path, subscriber, signal }: Following): Promise<boolean> {
  const lastEventId = subscriber.position();
  for await (const { id, data } of streams({ callee: "auth", path, lastEventId, signal })) {
    const item = feedItem.parse(data);
    switch (item.kind) {
      case "event":
        if (id === undefined) throw new TypeError("An event came without a position.");
        await subscriber.handOver({ id, topic, key: item.key, data: item.data, at: item.at });
        break;
      case "state":
        if (item.state === "live") subscriber.live();
        else subscriber.down();
        break;
      case "end":
        return true;
      case "beat":
        break;
    }
    if (subscriber.isClosed()) return true;
  }
  throw new Error("The stream broke off.");
}
