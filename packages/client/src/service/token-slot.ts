import type { ServiceName } from "@countersign/access";

import type { GrantedToken } from "./request-token.ts";
import { ServiceTokenError } from "./token-error.ts";

/** How one token is had. */
export type SlotDeps = {
  readonly callee: ServiceName;
  readonly ask: () => Promise<GrantedToken>;
  readonly onFailure: (error: ServiceTokenError) => void;
  /** The time in milliseconds since the epoch. */
  readonly now: () => number;
  /** When there is nothing to be gained by a new one, in milliseconds since the epoch: none would live longer. */
  readonly longestEnd?: number;
};

/** One token, asked for when it is needed, kept and renewed. */
export type TokenSlot = {
  /** @throws {ServiceTokenError} when there is none and none can be had */
  token(): Promise<string>;
  /** For how long this token has been in use, in milliseconds; null when it is not the one in use. */
  age(token: string): number | null;
};

const renewAfter = 0.8;
const firstWaitMs = 250;
const longestWaitMs = 5_000;
/** A callee that refuses every token costs no more than one request to auth in so long. */
export const refusalPauseMs = 10_000;

/**
 * Asks for a token when one is first needed, with one request in flight. From 80 % of its life on it is renewed in the
 * background while the old one serves; only an expired one makes a caller wait. After a failed request the next waits
 * 250 ms, doubling up to 5 s, and callers in between get the same error at once.
 */
export function createTokenSlot(deps: SlotDeps): TokenSlot {
  const { callee, ask, now, longestEnd = Number.POSITIVE_INFINITY } = deps;
  let current: Held | null = null;
  let failure: Failure | null = null;
  let flight: Promise<Outcome> | null = null;

  /** Never rejects: a renewal in the background has nobody who waits for it. */
  async function renew(): Promise<Outcome> {
    const askedAt = now();
    try {
      current = toHeld(await ask(), askedAt, longestEnd);
      failure = null;
      return { value: current.value };
    } catch (cause) {
      const error = toTokenError(cause, callee);
      const waitMs = Math.min((failure?.waitMs ?? firstWaitMs / 2) * 2, longestWaitMs);
      failure = { error, waitMs, retryAt: now() + waitMs };
      deps.onFailure(error);
      return { error };
    } finally {
      flight = null;
    }
  }

  return {
    async token() {
      const at = now();
      const held = current !== null && at < current.endsAt ? current : null;
      if (held !== null && at < held.renewAt) return held.value;
      if (failure !== null && at < failure.retryAt) return held?.value ?? refuse(failure.error);
      flight ??= renew();
      if (held !== null) return held.value;
      const outcome = await flight;
      return "error" in outcome ? refuse(outcome.error) : outcome.value;
    },
    age: (token) => (current?.value === token ? now() - current.grantedAt : null),
  };
}

type Outcome = { readonly value: string } | { readonly error: ServiceTokenError };

type Held = {
  readonly value: string;
  readonly grantedAt: number;
  readonly renewAt: number;
  readonly endsAt: number;
};

type Failure = { readonly error: ServiceTokenError; readonly waitMs: number; readonly retryAt: number };

/** Times count from before the request was sent: our idea of the end is never later than the issuer's. */
function toHeld({ value, lifeMs }: GrantedToken, askedAt: number, longestEnd: number): Held {
  const endsAt = Math.min(askedAt + lifeMs, longestEnd);
  const isLast = askedAt + lifeMs >= longestEnd - 1_000; // a token's times are whole seconds
  return { value, grantedAt: askedAt, renewAt: isLast ? endsAt : askedAt + lifeMs * renewAfter, endsAt };
}

/** What is no such error yet comes from our own key. */
function toTokenError(cause: unknown, callee: ServiceName): ServiceTokenError {
  if (cause instanceof ServiceTokenError) return cause;
  return new ServiceTokenError("refused", `No token for ${callee}: the assertion could not be signed.`, { cause });
}

function refuse(error: ServiceTokenError): never {
  throw error;
}
