import type { EventBus } from "./bus.ts";
import { BusError, type OnBusError } from "./bus-error.ts";
import { checkEvent, checkTopic } from "./checked-event.ts";
import { type NatsLink, openLink } from "./nats/link.ts";
import { createNatsLinks, type NatsLinks } from "./nats/links.ts";
import { toMessage } from "./nats/message.ts";
import { readServers } from "./nats/servers.ts";
import { createNatsSubscription, type NatsSubscription } from "./nats/subscription.ts";

/** What the bus over NATS needs. */
export type NatsBusOptions = {
  /** `nats://user:password@host:port`, several with commas between; `tls://` for TLS. */
  readonly url: string;
  /** ms since the epoch; stamps events. The retention goes by the broker's clock. */
  readonly now: () => number;
  /** For how long events are replayed and their keys remembered, in ms; at least 100. */
  readonly retentionMs: number;
  readonly onError: OnBusError;
  /** The name of the stream, made when missing, and the first word of its subjects; `countersign` unless told. */
  readonly stream?: string;
  /** How many servers of a cluster keep the stream; 1 unless told. */
  readonly replicas?: number;
  /** How often the settings of the stream are looked at, in ms; 30 s unless told. */
  readonly checkMs?: number;
  /** A file of a user's JWT and seed, as `nsc` writes it, instead of a user in the URL. */
  readonly credentialsFile?: string | undefined;
  /** A file of the certificates that a `tls://` server's is checked by, instead of those that the runtime trusts. */
  readonly caFile?: string | undefined;
};

const publishTimeoutMs = 5_000;

/**
 * The bus of many nodes, over a stream of NATS JetStream (2.9 or newer). The broker stores events in a file and drops
 * repeated keys by their `Nats-Msg-Id`. Connects at the first use, and again for as long as it is not closed. A stream that
 * was made otherwise is brought to the settings of the bus, or refused: then nothing is published and subscribers are down.
 */
export function createNatsBus(options: NatsBusOptions): EventBus {
  const {
    url,
    now,
    retentionMs,
    onError,
    stream = "countersign",
    replicas = 1,
    checkMs = 30_000,
    credentialsFile,
    caFile,
  } = options;
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(stream)) throw new TypeError("A stream is a name of letters, digits, _ and -.");
  const access = { servers: readServers(url), files: { credentials: credentialsFile, ca: caFile } };
  const subscriptions = new Set<NatsSubscription>();
  let links: NatsLinks | null = null;
  let closed = false;

  function connect(topic: string): NatsLinks {
    if (closed) throw new BusError("closed", "The event bus is closed.");
    checkTopic(topic);
    links ??= createNatsLinks(() => openLink(access, { stream, retentionMs, replicas, checkMs }), {
      onLink: (link) => subscriptions.forEach((subscription) => subscription.attach(link)),
      onLoss: (cause) => subscriptions.forEach((subscription) => subscription.lose(cause)),
    });
    return links;
  }

  return {
    async publish(topic, event) {
      const current = connect(topic).current();
      current.catch(() => undefined); // thrown below, unless the event is refused before
      const checked = checkEvent(event);
      const message = { subject: `${stream}.${topic}`, payload: toMessage(checked, now()) };
      try {
        await send(await current, message, toMessageId(topic, checked.key));
      } catch (cause) {
        throw new BusError("unavailable", "The event could not be stored.", { cause });
      }
    },
    subscribe(topic, subscriber) {
      const current = connect(topic).current();
      const subscription = createNatsSubscription({ stream, topic, onError }, subscriber, () =>
        subscriptions.delete(subscription),
      );
      subscriptions.add(subscription);
      current.then(subscription.attach, subscription.lose);
      return subscription;
    },
    async close() {
      closed = true;
      await Promise.all([...subscriptions].map((subscription) => subscription.close()));
      await links?.close();
    },
  };
}

type Message = { readonly subject: string; readonly payload: string };

/** Once more with the stream made anew, should somebody have deleted it; the message id makes that harmless. */
async function send(link: NatsLink, { subject, payload }: Message, msgID: string): Promise<void> {
  const publish = () => link.jetstream.publish(subject, payload, { msgID, timeout: publishTimeoutMs });
  try {
    await publish();
  } catch (error) {
    if (error instanceof Error && error.name === "TimeoutError") throw error;
    await link.prepare();
    await publish();
  }
}

/** Keys are remembered by stream, not by topic; a header has no room for every character. */
function toMessageId(topic: string, key: string): string {
  return `${topic}:${Buffer.from(key).toString("base64url")}`;
}
