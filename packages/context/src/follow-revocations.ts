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
  issuedBefore: z.number().optional(),
  expiresAt: z.number(),
});

export type FollowDeps = {
  readonly bus: EventBus;
  readonly revocations: Revocations;
  readonly verifier: Verifier;
  /** Drops a signing key that may no longer be believed. */
  readonly revokeKey: (kid: string) => void;
  readonly log: Log;
};

/** How the feed stands: `starting` until what was retained has been read, then as the bus says. */
export type FeedState = "starting" | "live" | "down";

/** A followed feed. */
export type Feed = {
  readonly ready: Promise<void>;
  state(): FeedState;
  close(): Promise<void>;
};

/**
 * Follows the feed of revocations into memory: first everything that is retained, then each as it comes. While the bus
 * is down the service goes on with what it knows; `cached` procedures are then bounded by the life of a token.
 */
export function followRevocations(deps: FollowDeps): Feed {
  let state: FeedState = "starting";
  const subscription: Subscription = deps.bus.subscribe(revocationTopic, {
    onEvent: ({ id, data }) => {
      const parsed = revocation.safeParse(data);
      if (!parsed.success) {
        deps.log.error({ event: id }, "A revocation could not be read and is left out; is a service older than auth?");
        return;
      }
      take(parsed.data, deps);
    },
    onState: (next) => {
      state = next;
      if (next === "down") deps.log.warn({}, "The feed of revocations is down; going on with what is known.");
    },
  });
  return { ready: subscription.ready, state: () => state, close: () => subscription.close() };
}

function take(parsed: z.output<typeof revocation>, { revocations, verifier, revokeKey }: FollowDeps): void {
  const { kind, id, issuedBefore, expiresAt } = parsed;
  const entry: Revocation = { kind, id, expiresAt, ...(issuedBefore === undefined ? {} : { issuedBefore }) };
  revocations.apply(entry);
  if (kind !== "key") return;
  revokeKey(id);
  verifier.forget();
}
