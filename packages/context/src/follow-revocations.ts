import type { EventBus, Subscription } from "@countersign/events";
import { z } from "zod";
import type { Log } from "./context.ts";
import type { Revocation, Revocations } from "./revocations.ts";
import type { Verifier } from "./verifier.ts";

/** The topic on which the auth service publishes revocations. */
export const revocationTopic = "revocations";

const revocation = z.object({
  kind: z.enum(["session", "user", "token", "service", "key"]),
  id: z.string(),
  below: z.int().nonnegative().optional(),
  except: z.string().optional(),
  expiresAt: z.number(),
});

/** What auth publishes every few seconds: whoever has it has every revocation that came before. */
const beat = z.object({ kind: z.literal("beat") });
const message = z.union([revocation, beat]);

export type FollowDeps = {
  readonly bus: EventBus;
  readonly revocations: Revocations;
  readonly verifier: Verifier;
  /** Drops a signing key that may no longer be believed. */
  readonly revokeKey: (kid: string) => void;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
};

/** How the feed stands: `starting` until what was retained has been read, then as the bus says. */
export type FeedState = "starting" | "live" | "down";

/** How far behind a feed may be. */
export type FeedLag = {
  /**
   * Seconds since the moment up to which all revocations are known to be applied. Auth proves its end of the feed every
   * five seconds, so that more than ten mean that it, the bus or this service does not keep up.
   */
  readonly seconds: number;
  /** From the publishing of the last event to its arrival here, in seconds by two clocks; null before the first. */
  readonly deliverySeconds: number | null;
};

/** A followed feed. */
export type Feed = {
  readonly ready: Promise<void>;
  state(): FeedState;
  lag(): FeedLag;
  close(): Promise<void>;
};

/**
 * Follows the feed of revocations into memory: first everything that is retained, then each as it comes. While the bus
 * is down the service goes on with what it knows; `cached` procedures are then bounded by the life of a token.
 */
export function followRevocations(deps: FollowDeps): Feed {
  const { bus, log, now } = deps;
  const progress = createProgress(now);
  let state: FeedState = "starting";
  const subscription: Subscription = bus.subscribe(revocationTopic, {
    onEvent: ({ id, data, at }) => {
      const { data: parsed } = message.safeParse(data);
      if (parsed === undefined) {
        log.error({ event: id }, "A revocation could not be read and is left out; is a service older than auth?");
      } else if (parsed.kind !== "beat") take(parsed, deps);
      progress.arrived(at, state === "live");
    },
    onState: (next) => {
      state = next;
      if (next === "live") progress.complete();
      else log.warn({}, "The feed of revocations is down; going on with what is known.");
    },
  });
  return { ready: subscription.ready, state: () => state, lag: progress.lag, close: () => subscription.close() };
}

/** Knows up to when everything has arrived. Times of a publisher whose clock is ahead are not believed. */
function createProgress(now: () => number) {
  let completeUntil = now();
  let delivery: number | null = null;
  return {
    arrived(at: number, isLive: boolean): void {
      completeUntil = Math.max(completeUntil, Math.min(at, now()));
      if (isLive) delivery = Math.max(0, now() - at); // what is replayed was published long before
    },
    complete(): void {
      completeUntil = now();
    },
    lag: (): FeedLag => ({
      seconds: (now() - completeUntil) / 1000,
      deliverySeconds: delivery === null ? null : delivery / 1000,
    }),
  };
}

function take(parsed: z.output<typeof revocation>, { revocations, verifier, revokeKey }: FollowDeps): void {
  const { kind, id, below, except, expiresAt } = parsed;
  const bounds = { ...(below === undefined ? {} : { below }), ...(except === undefined ? {} : { except }) };
  const entry: Revocation = { kind, id, expiresAt, ...bounds };
  revocations.apply(entry);
  if (kind !== "key") return;
  revokeKey(id);
  verifier.forget();
}
