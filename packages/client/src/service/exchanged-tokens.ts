import type { ServiceName } from "@countersign/access";
import { LRUCache } from "lru-cache";

import { requestToken, type TokenRequester } from "./request-token.ts";
import type { ServiceTokenError } from "./token-error.ts";
import { createTokenSlot, refusalPauseMs, type TokenSlot } from "./token-slot.ts";

/** The user for whom a call is made: the verified token that the request came with, and what it ends with. */
export type CallSubject = {
  readonly token: string;
  readonly tokenId: string;
  readonly userId: string;
  readonly sessionId: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
};

export type ExchangedTokensDeps = TokenRequester & {
  /** How many subject tokens are remembered, with what they were exchanged for; 10,000 unless told. */
  readonly remember?: number;
  /** Told of every failed exchange; never of a token. */
  readonly onFailure?: (failure: ExchangeFailure) => void;
};

export type ExchangeFailure = {
  readonly callee: ServiceName;
  readonly userId: string;
  readonly error: ServiceTokenError;
};

/** For which callee a user's token is exchanged; `headers` tie the exchange to the request that first needs it. */
export type Exchange = {
  readonly callee: ServiceName;
  readonly subject: CallSubject;
  readonly headers?: Readonly<Record<string, string>>;
};

/** What a revocation ends; the shape in which the feed tells of it. */
export type Ended = { readonly kind: "session" | "user" | "token" | "service" | "key"; readonly id: string };

/** The tokens with which one service calls others on behalf of users. */
export type ExchangedTokens = {
  /** A valid token for this user and this callee. @throws {ServiceTokenError} when there is none and none can be had. */
  tokenFor(exchange: Exchange): Promise<string>;
  /**
   * Forgets a token that the callee refused, so that auth is asked whether the subject still counts: the callee may have
   * heard of its end first. For one subject and callee once in ten seconds, since it may be the callee that is at fault.
   */
  drop(exchange: Exchange, token: string): void;
  /**
   * Forgets everything that was exchanged for what has ended. An exchange that is under way is not stored, and the call
   * that waits for it meets a callee that has heard of the end as well. Of a service or a key: everything.
   */
  readonly forget: (ended: Ended) => void;
  /** How many subject tokens are remembered. */
  size(): number;
};

const sweepEveryMs = 60_000;

/**
 * Exchanges users' tokens for tokens of one callee each (RFC 8693), and keeps them: by the whole subject token and the
 * callee, one exchange in flight for each, never beyond what was granted or the subject's own end. A subject that the
 * authorization server refuses is backed off by itself and holds up no other.
 */
export function createExchangedTokens(deps: ExchangedTokensDeps): ExchangedTokens {
  const { now } = deps;
  const sessions = createIndex();
  const users = createIndex();
  const kept = new LRUCache<string, Kept>({
    max: deps.remember ?? 10_000,
    perf: { now },
    ttlResolution: 0,
    dispose: ({ subject }) => {
      sessions.remove(subject.sessionId, subject.token);
      users.remove(subject.userId, subject.token);
    },
  });
  let sweptAt = now();

  function slotsOf(subject: CallSubject): Kept["slots"] {
    const known = kept.get(subject.token);
    if (known !== undefined) return known.slots;
    const fresh: Kept = { subject, slots: new Map(), refusedAt: new Map() };
    kept.set(subject.token, fresh, { ttl: Math.max(1, subject.expiresAt * 1_000 - now()) });
    sessions.add(subject.sessionId, subject.token);
    users.add(subject.userId, subject.token);
    return fresh.slots;
  }

  function tokensOf({ kind, id }: Ended): Iterable<string> {
    if (kind === "session") return sessions.of(id);
    if (kind === "user") return users.of(id);
    const all = [...kept.entries()];
    return all.filter(([, { subject }]) => kind !== "token" || subject.tokenId === id).map(([token]) => token);
  }

  return {
    tokenFor(exchange) {
      if (now() - sweptAt >= sweepEveryMs) {
        sweptAt = now();
        kept.purgeStale();
      }
      const slots = slotsOf(exchange.subject);
      const slot = slots.get(exchange.callee) ?? createSlot(deps, exchange);
      slots.set(exchange.callee, slot);
      return slot.token();
    },
    drop({ callee, subject }, token) {
      const { slots, refusedAt } = kept.peek(subject.token) ?? {};
      const age = slots?.get(callee)?.age(token) ?? null;
      if (age === null || now() < (refusedAt?.get(callee) ?? 0) + refusalPauseMs) return;
      slots?.delete(callee);
      refusedAt?.set(callee, now());
    },
    forget(ended) {
      for (const token of tokensOf(ended)) kept.delete(token);
    },
    size: () => kept.size,
  };
}

type Kept = {
  readonly subject: CallSubject;
  readonly slots: Map<ServiceName, TokenSlot>;
  /** When a callee last refused what the subject was exchanged for, in milliseconds. */
  readonly refusedAt: Map<ServiceName, number>;
};

function createSlot(deps: ExchangedTokensDeps, { callee, subject, headers }: Exchange): TokenSlot {
  const about = { callee, subjectToken: subject.token, ...(headers === undefined ? {} : { headers }) };
  return createTokenSlot({
    callee,
    ask: () => requestToken(deps, about),
    onFailure: (error) => deps.onFailure?.({ callee, userId: subject.userId, error }),
    now: deps.now,
    longestEnd: subject.expiresAt * 1_000,
  });
}

/** Which tokens belong to a session or to a user. */
function createIndex() {
  const tokens = new Map<string, Set<string>>();
  return {
    add(id: string, token: string): void {
      tokens.set(id, (tokens.get(id) ?? new Set()).add(token));
    },
    remove(id: string, token: string): void {
      const own = tokens.get(id);
      own?.delete(token);
      if (own?.size === 0) tokens.delete(id);
    },
    of: (id: string): Iterable<string> => tokens.get(id) ?? [],
  };
}
