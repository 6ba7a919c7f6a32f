import type { SubscribeOptions, Subscription } from "../bus.ts";
import type { OnBusError } from "../bus-error.ts";
import { retryDelay } from "../retry.ts";
import { createSubscriber } from "../subscriber.ts";
import { type Follower, follow } from "./follow.ts";
import type { NatsLink } from "./link.ts";

/** A subscription that is handed from one link to the next. */
export type NatsSubscription = Subscription & {
  readonly attach: (link: NatsLink) => void;
  readonly lose: (cause: unknown) => void;
};

/** What is subscribed to. */
export type NatsTopic = { readonly stream: string; readonly topic: string; readonly onError: OnBusError };

/** Follows the topic on whichever link there is, each time from where the last one ended. */
export function createNatsSubscription(
  { stream, topic, onError }: NatsTopic,
  options: SubscribeOptions,
  onClose: () => void,
): NatsSubscription {
  const subscriber = createSubscriber(options, onError);
  let link: NatsLink | null = null;
  let follower: Follower | null = null;
  let failures = 0;
  let retry: NodeJS.Timeout | undefined;

  function attach(next: NatsLink): void {
    if (link === next || subscriber.isClosed()) return;
    link = next;
    failures = 0;
    start(next);
  }

  /** The one before may still be busy with an event; the next one begins after it. */
  function start(on: NatsLink): void {
    const before = follower?.done.catch(() => undefined) ?? Promise.resolve(); // reported when it happened
    subscriber.inOwnContext(() => {
      before.then(() => run(on)).catch((cause: unknown) => fail(on, cause));
    });
  }

  async function run(on: NatsLink): Promise<void> {
    if (link !== on || subscriber.isClosed()) return;
    follower = follow(on, { stream, topic, subscriber });
    await follower.done;
  }

  function fail(on: NatsLink, cause: unknown): void {
    if (link !== on || subscriber.isClosed()) return;
    subscriber.down(cause);
    retry = setTimeout(() => start(on), retryDelay(failures++));
  }

  return {
    ready: subscriber.ready,
    attach,
    lose(cause) {
      link = null;
      clearTimeout(retry);
      follower?.stop();
      subscriber.down(cause);
    },
    async close() {
      clearTimeout(retry);
      if (!subscriber.close()) return;
      follower?.stop();
      onClose();
    },
  };
}
