import {
  eventTypes,
  feedAudience,
  type Revocation,
  type RevocationPage,
  type RevocationSource,
  revocationTopic,
  toSecurityEvent,
} from "@countersign/context";
import type { EventBus } from "@countersign/events";
import {
  createLocalKeySet,
  type FeedPosition,
  generateSigningKey,
  importSigningKey,
  signSecurityEvent,
} from "@countersign/tokens";

/** The feed of revocations of a test issuer: numbered and signed as the auth service does it. */
export type TestFeed = {
  /** Trust in this feed; it answers with all that was published by it. */
  readonly source: RevocationSource;
  /** What auth answers at the addresses of the feed; null for any other. */
  answer(url: string): Promise<Response | null>;
  /** Publishes a revocation; the next number unless told. */
  publish(bus: EventBus, revocation: Revocation, number?: number): Promise<void>;
  /** Publishes a heartbeat; the next one of all that was published unless told. */
  heartbeat(bus: EventBus, place?: Partial<FeedPosition>): Promise<void>;
};

/** Makes a feed with keys of its own. @param now epoch milliseconds */
export async function createTestFeed(issuer: string, now: () => number): Promise<TestFeed> {
  const { privateJwk, publicJwk } = await generateSigningKey("EdDSA");
  const key = await importSigningKey(privateJwk);
  const epoch = crypto.randomUUID();
  const published: { readonly number: number; readonly revocation: Revocation }[] = [];
  let last = 0;
  let beats = 0;

  async function send(bus: EventBus, event: ReturnType<typeof toSecurityEvent>, position: FeedPosition): Promise<void> {
    const id = crypto.randomUUID();
    const issuedAt = Math.floor(now() / 1000);
    const set = await signSecurityEvent({ ...event, id, issuedAt, position }, { issuer, audience: feedAudience }, key);
    await bus.publish(revocationTopic, { key: id, data: { set } });
  }

  async function since(after: FeedPosition | null): Promise<RevocationPage> {
    const begin = after?.epoch === epoch ? after.number : 0;
    const revocations = published.filter(({ number }) => number > begin).map(({ revocation }) => revocation);
    return { epoch, number: last, beat: beats, revocations, more: false };
  }

  return {
    source: { issuer, keys: createLocalKeySet(() => [publicJwk]), since },
    async answer(url) {
      if (url.endsWith("/.well-known/ssf-jwks.json")) return Response.json({ keys: [publicJwk] });
      return url.endsWith("/oauth/revocations") ? Response.json(await since(null)) : null;
    },
    async publish(bus, revocation, number = last + 1) {
      last = Math.max(last, number);
      published.push({ number, revocation });
      await send(bus, toSecurityEvent(revocation, { reason: null, issuer }), { epoch, number });
    },
    async heartbeat(bus, place = {}) {
      beats += 1;
      const position = { epoch, number: last, beat: beats, first: 1, ...place };
      await send(bus, { type: eventTypes.heartbeat, subject: { format: "opaque", id: epoch }, event: {} }, position);
    },
  };
}
