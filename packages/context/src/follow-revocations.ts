import { BusError, type BusState, type EventBus } from "@countersign/events";
import { peekFeedPosition, type SecurityEvent, TokenError, verifySecurityEvent } from "@countersign/tokens";
import { z } from "zod";
import type { Log } from "./context.ts";
import { createFeedSequence } from "./feed-sequence.ts";
import { createResync } from "./resync.ts";
import { eventTypes, feedAudience, fromSecurityEvent } from "./revocation-events.ts";
import type { RevocationSource } from "./revocation-source.ts";
import type { Revocation, Revocations } from "./revocations.ts";
import type { Verifier } from "./verifier.ts";

/** The topic on which the auth service publishes revocations, each as a Security Event Token (RFC 8417). */
export const revocationTopic = "revocations";

const message = z.object({ set: z.string() });
const algorithms = ["EdDSA"] as const;

export type FollowDeps = {
  readonly bus: EventBus;
  /** Whose events are trusted. */
  readonly source: RevocationSource;
  readonly revocations: Revocations;
  readonly verifier: Pick<Verifier, "forget">;
  /** Drops a signing key that is revoked. */
  readonly revokeKey: (kid: string) => void;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Milliseconds of a clock that is never set; `performance.now` by default. */
  readonly elapsed?: () => number;
  /** For how long a missing event may still arrive by itself before auth is asked for it, in milliseconds; 150 by default. */
  readonly patienceMs?: number;
};

/**
 * How the feed stands: `starting` until everything up to now has been read; `down` while the bus is; `behind` while an
 * event is missing, or nothing has proved for ten seconds that none is.
 */
export type FeedState = "starting" | "live" | "down" | "behind";

/** How far behind a feed may be. */
export type FeedLag = {
  /**
   * Seconds since the moment up to which all revocations are known to be applied. Auth proves its end of the feed every
   * second, so that more than ten mean that it, the bus or this service does not keep up.
   */
  readonly seconds: number;
  /** From the signing of the last event to its arrival here, in seconds by two clocks; null before the first. */
  readonly deliverySeconds: number | null;
};

/** What the feed has seen since it began, for metrics. */
export type FeedCounts = {
  /** Events that were not what auth signed, or could not be read. */
  readonly rejected: number;
  /** How often auth was asked for what was missing, after the beginning. */
  readonly resyncs: number;
};

/** A followed feed. */
export type Feed = {
  readonly ready: Promise<void>;
  state(): FeedState;
  lag(): FeedLag;
  counts(): FeedCounts;
  close(): Promise<void>;
};

const provenForMs = 10_000;

/**
 * Follows the feed of revocations into memory: what auth says is in force, then each as it comes. The bus is not trusted:
 * an event counts by auth's signature, and what is missing is told by the numbers of the events and of the heartbeats that
 * follow every second. Then, while no heartbeat comes, and every ten seconds in any case, auth itself is asked. While neither can be had the service goes
 * on with what it knows; `cached` procedures are then bounded by the life of a token.
 */
export function followRevocations(deps: FollowDeps): Feed {
  const { bus, source, log, now, elapsed = () => performance.now() } = deps;
  const sequence = createFeedSequence();
  const begun = Promise.withResolvers<void>();
  const firstState = Promise.withResolvers<void>();
  let busState: BusState | null = null;
  let isComplete = false;
  let provenAt = elapsed();
  let delivery: number | null = null;
  let rejected = 0;

  function prove(at: number): void {
    isComplete = true;
    provenAt = Math.max(provenAt, at);
    begun.resolve();
  }

  const resync = createResync({
    source,
    log,
    patienceMs: deps.patienceMs ?? 150,
    isNeeded: () => sequence.hasGap() || elapsed() - provenAt > silenceMs,
    after: () => sequence.upTo(),
    apply(page) {
      for (const revocation of page.revocations) take(revocation, deps);
      sequence.jump(page);
    },
    elapsed,
    onComplete: prove,
  });

  async function receive(set: string, eventId: string): Promise<void> {
    const claimed = peekFeedPosition(set);
    if (claimed !== null && claimed.beat === undefined && sequence.has(claimed)) return; // applied: nothing to verify
    try {
      accept(
        await verifySecurityEvent(set, source.keys, { issuer: source.issuer, audience: feedAudience, algorithms }),
      );
    } catch (error) {
      if (error instanceof TokenError && error.code === "keys_unavailable") return resync.soon();
      reject(error, eventId);
    }
  }

  function accept(event: SecurityEvent): void {
    const { position } = event;
    if (position === undefined) throw new TokenError("bad_claims", { claim: "feed" });
    if (busState === "live") delivery = Math.max(0, now() / 1000 - event.issuedAt);
    if (event.type === eventTypes.heartbeat) {
      if (!sequence.hear(position)) return;
    } else {
      const revocation = fromSecurityEvent(event);
      if (revocation === null) log.warn({ type: event.type }, "A revocation of an unknown kind is left out.");
      else take(revocation, deps);
      sequence.add(position);
    }
    if (sequence.hasGap()) resync.soon();
    else if (event.type === eventTypes.heartbeat) prove(elapsed());
  }

  function reject(error: unknown, eventId: string): void {
    rejected += 1;
    if (rejected === 1 || rejected % 1_000 === 0)
      log.error(
        { err: error, event: eventId, rejected },
        "An event on the feed of revocations is not what auth signs.",
      );
    resync.soon(); // what it took the place of is missing
  }

  const subscription = bus.subscribe(revocationTopic, {
    async onEvent({ id, data }) {
      const { data: read, error } = message.safeParse(data);
      if (read === undefined) reject(error, id);
      else await receive(read.set, id);
    },
    onState(next) {
      busState = next;
      firstState.resolve();
      if (next === "down") log.warn({}, "The feed of revocations is down; auth is asked meanwhile.");
    },
  });
  subscription.ready.catch(() => undefined); // closed before: those who wait are told below

  const ready = Promise.all([begun.promise, firstState.promise]).then(() => undefined);
  ready.catch(() => undefined); // a feed that is closed before has nobody who waits, or tells them
  return {
    ready,
    state() {
      if (!isComplete || busState === null) return "starting";
      if (busState === "down") return "down";
      return sequence.hasGap() || elapsed() - provenAt > provenForMs ? "behind" : "live";
    },
    lag: () => ({ seconds: (elapsed() - provenAt) / 1000, deliverySeconds: delivery }),
    counts: () => ({ rejected, resyncs: resync.count() }),
    async close() {
      resync.stop();
      begun.reject(new BusError("closed", "The feed of revocations was closed."));
      await subscription.close();
    },
  };
}

/** Without a heartbeat for so long auth is asked. */
const silenceMs = 3_000;

function take(revocation: Revocation, { revocations, verifier, revokeKey }: FollowDeps): void {
  revocations.apply(revocation);
  if (revocation.kind !== "key") return;
  revokeKey(revocation.id);
  verifier.forget();
}
