import {
  checkByKeys,
  createRevocations,
  createVerifier,
  type Feed,
  followRevocations,
  Refusal,
  type RevocationPage,
} from "@countersign/context";
import { silentLog } from "@countersign/testing";
import type { FeedPosition } from "@countersign/tokens";
import { readFeedPage } from "../../src/revocations/feed-page.ts";
import { publicUrl } from "../open-test-auth.ts";
import type { Platform } from "./platform.ts";

/** A service that follows revocations, made of the parts that every service has. */
export type Follower = {
  readonly name: string;
  readonly feed: Feed;
  /** Whether the service accepts a token. */
  accepts(token: string): Promise<boolean>;
  /** The highest number that it has heard of from auth. */
  heard(): number;
  /** When it last had a proof that nothing was missing, by the clock that nobody sets; milliseconds. */
  provenAt(): number;
};

export type FollowerSettings = {
  readonly name: string;
  /** Asks auth for what is missing; null for a service that only has the bus. */
  readonly isAuthReachable: (() => boolean) | null;
  /** Milliseconds by which its wall clock is off. */
  readonly wallShift: () => number;
};

export function startFollower(platform: Platform, { name, isAuthReachable, wallShift }: FollowerSettings): Follower {
  const { bus, clock, replicas } = platform;
  const { deps } = replicas.a.auth;
  const now = () => clock.now() + wallShift();
  const elapsed = clock.now;
  let heard = -1;
  let beat = -1;
  let provenAt = Number.NEGATIVE_INFINITY;

  const note = (position: FeedPosition | null) => {
    if (position === null) return;
    heard = Math.max(heard, position.number);
    if (position.beat === undefined || position.beat <= beat) return;
    beat = position.beat;
    provenAt = elapsed();
  };

  async function since(after: FeedPosition | null): Promise<RevocationPage> {
    if (isAuthReachable?.() !== true) throw new Error("Auth is not reachable.");
    const at = elapsed();
    const page = await readFeedPage(deps.db, after);
    provenAt = Math.max(provenAt, at);
    setTimeout(() => note({ epoch: page.epoch, number: page.number }), 1); // once the page has been applied
    return page;
  }

  const revocations = createRevocations({ now, elapsed });
  const policy = { service: "products", issuer: publicUrl, algorithms: ["EdDSA"] } as const;
  const verifier = createVerifier({ ...policy, check: checkByKeys(deps.keys), revocations, now });
  const source = { issuer: publicUrl, keys: deps.eventKeys.keys };
  const feed = followRevocations({
    bus: {
      ...bus,
      subscribe: (topic, options) =>
        bus.subscribe(topic, {
          ...options,
          async onEvent(event) {
            await options.onEvent(event);
            note(bus.genuine(event.data));
          },
        }),
    },
    source: isAuthReachable === null ? source : { ...source, since },
    revocations,
    verifier,
    revokeKey: () => undefined,
    log: silentLog,
    now,
    elapsed,
    patienceMs: 1,
  });
  return {
    name,
    feed,
    heard: () => heard,
    provenAt: () => provenAt,
    async accepts(token) {
      try {
        await verifier.verify(token);
        return true;
      } catch (error) {
        if (error instanceof Refusal && error.code === "UNAUTHORIZED") return false;
        throw error;
      }
    },
  };
}
