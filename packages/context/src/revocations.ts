import type { Identity } from "./identity.ts";

/** One revocation as the auth service publishes it. Never keyed by a raw token. */
export type Revocation = {
  readonly kind: "session" | "user" | "token" | "service" | "key";
  /** A session id, user id, token id (`jti`), service name or key id (`kid`). */
  readonly id: string;
  /** For `user` and `service`: tokens of a lower version of the account end, later ones stand. */
  readonly below?: number | undefined;
  /** For `user`: the one session whose tokens stay good, because it is the one that changed the password. */
  readonly except?: string | undefined;
  /** Epoch seconds: no token that this could match is good after it. */
  readonly expiresAt: number;
};

/** What a service knows of ended sessions, users, tokens and services, in memory. */
export type Revocations = {
  /** Takes one revocation; the same one twice changes nothing, and an older one never undoes a newer. */
  apply(revocation: Revocation): void;
  /** Whether a verified token has been revoked since it was signed. */
  covers(identity: Identity): boolean;
  /**
   * Tells of every revocation once it is applied, for what outlives one request: streams, and tokens that were exchanged.
   * Gives what ends the telling. A listener does not throw.
   */
  onApplied(listener: (revocation: Revocation) => void): () => void;
  /** How many entries are held. */
  size(): number;
};

export type RevocationsOptions = {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Milliseconds of a clock that is never set; `performance.now` by default. */
  readonly elapsed?: () => number;
};

/** Until when an entry is held: by the wall clock (epoch seconds), and by one that is never set. */
type Held = { readonly expiresAt: number; readonly heldUntil: number };
/** The tokens that end: all below one version, and those below another one except in one session. */
type Bounds = Held & { readonly below: number; readonly spared: Spared | null };
type Spared = { readonly below: number; readonly session: string };

const sweepEveryMs = 30_000;
/** Longer than any token lives. A wall clock that is set forward and back does not end an entry before this has passed. */
const holdMs = 15 * 60_000;

/** An empty set of revocations; entries leave by themselves once no token that they match can be alive. */
export function createRevocations({ now, elapsed = () => performance.now() }: RevocationsOptions): Revocations {
  const ended = { session: new Map<string, Held>(), token: new Map<string, Held>(), key: new Map<string, Held>() };
  const versions = { user: new Map<string, Bounds>(), service: new Map<string, Bounds>() };
  const listeners = new Set<(revocation: Revocation) => void>();
  let sweptAt = elapsed();

  function sweep(): void {
    const at = elapsed();
    if (at - sweptAt < sweepEveryMs) return;
    sweptAt = at;
    const second = now() / 1000;
    for (const held of [ended.session, ended.token, ended.key, versions.user, versions.service]) {
      for (const [id, entry] of held) if (entry.expiresAt < second && entry.heldUntil < at) held.delete(id);
    }
  }

  return {
    apply(revocation) {
      const { kind, id } = revocation;
      sweep();
      if (kind === "user" || kind === "service") {
        versions[kind].set(id, merge(versions[kind].get(id), revocation, elapsed() + holdMs));
      } else {
        const expiresAt = Math.max(ended[kind].get(id)?.expiresAt ?? 0, revocation.expiresAt);
        ended[kind].set(id, { expiresAt, heldUntil: elapsed() + holdMs });
      }
      for (const listener of listeners) listener(revocation);
    },
    covers({ user, token: { id, exchangedFrom, userVersion, services } }) {
      if (ended.token.has(id)) return true;
      for (const origin of exchangedFrom) if (ended.token.has(origin)) return true;
      for (const { name, version } of services) if (version < (versions.service.get(name)?.below ?? 0)) return true;
      if (user === null) return false;
      return ended.session.has(user.sessionId) || isBelow(versions.user.get(user.id), userVersion ?? 0, user.sessionId);
    },
    onApplied(listener) {
      const own = (revocation: Revocation) => listener(revocation); // the same one may listen twice
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    size: () => [...Object.values(ended), ...Object.values(versions)].reduce((sum, held) => sum + held.size, 0),
  };
}

function isBelow(bounds: Bounds | undefined, version: number, session: string): boolean {
  if (bounds === undefined) return false;
  const { below, spared } = bounds;
  return version < below || (spared !== null && version < spared.below && session !== spared.session);
}

/** A revocation without a bound covers every version. */
function merge(held: Bounds | undefined, revocation: Revocation, heldUntil: number): Bounds {
  const { below: bound = Number.MAX_SAFE_INTEGER, except } = revocation;
  const expiresAt = Math.max(held?.expiresAt ?? 0, revocation.expiresAt);
  const below = Math.max(held?.below ?? 0, except === undefined ? bound : 0);
  const spared = held?.spared ?? null;
  if (except === undefined) return { below, spared, expiresAt, heldUntil };
  if (spared === null) return { below, spared: { below: bound, session: except }, expiresAt, heldUntil };
  const [older, newer] = spared.below < bound ? [spared.below, bound] : [bound, spared.below];
  const session = spared.below < bound ? except : spared.session;
  // Of two spared sessions the newer revocation ended the older one's, which had ended all others.
  const isSame = spared.session === except;
  return { below: isSame ? below : Math.max(below, older), spared: { below: newer, session }, expiresAt, heldUntil };
}
