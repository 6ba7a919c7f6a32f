import type { Identity } from "./identity.ts";

/** One revocation as the auth service publishes it. Times are epoch seconds; never keyed by a raw token. */
export type Revocation = {
  readonly kind: "session" | "user" | "token" | "service" | "key";
  /** A session id, user id, token id (`jti`), service name or key id (`kid`). */
  readonly id: string;
  /** For `user` and `service`: tokens issued at or before this second end; later ones stand. */
  readonly issuedBefore?: number;
  /** When the longest token that this could match has expired, and the entry with it. */
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

type Entry = { readonly issuedBefore: number; readonly expiresAt: number };

const sweepEveryMs = 30_000;

/** An empty set of revocations; entries leave by themselves once no token that they match can be alive. */
export function createRevocations({ now }: { now: () => number }): Revocations {
  const entries = { session: table(), user: table(), token: table(), service: table(), key: table() };
  const listeners = new Set<(revocation: Revocation) => void>();
  let sweptAt = now();

  function sweep(): void {
    const at = now();
    if (at - sweptAt < sweepEveryMs) return;
    sweptAt = at;
    for (const held of Object.values(entries)) {
      for (const [id, entry] of held) if (entry.expiresAt * 1000 < at) held.delete(id);
    }
  }

  return {
    apply(revocation) {
      const { kind, id, issuedBefore, expiresAt } = revocation;
      sweep();
      const held = entries[kind].get(id);
      entries[kind].set(id, {
        issuedBefore: Math.max(held?.issuedBefore ?? 0, issuedBefore ?? Number.MAX_SAFE_INTEGER),
        expiresAt: Math.max(held?.expiresAt ?? 0, expiresAt),
      });
      for (const listener of listeners) listener(revocation);
    },
    covers({ user, service, token: { id, exchangedFrom, issuedAt } }) {
      if (ended(entries.token, id, issuedAt)) return true;
      for (const origin of exchangedFrom) if (ended(entries.token, origin, issuedAt)) return true;
      if (user !== null && ended(entries.session, user.sessionId, issuedAt)) return true;
      if (user !== null && ended(entries.user, user.id, issuedAt)) return true;
      if (service === null) return false;
      if (ended(entries.service, service.name, issuedAt)) return true;
      return service.chain.some((name) => ended(entries.service, name, issuedAt));
    },
    onApplied(listener) {
      const own = (revocation: Revocation) => listener(revocation); // the same one may listen twice
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    size: () => Object.values(entries).reduce((sum, held) => sum + held.size, 0),
  };
}

/** Asked several times in every request: it makes no closure and no array. */
function ended(held: ReadonlyMap<string, Entry>, id: string, issuedAt: number): boolean {
  const entry = held.get(id);
  return entry !== undefined && issuedAt <= entry.issuedBefore;
}

function table(): Map<string, Entry> {
  return new Map();
}
