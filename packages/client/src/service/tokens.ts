import type { ServiceName } from "@countersign/access";

import { type GrantedToken, requestToken, type TokenRequester } from "./request-token.ts";
import { ServiceTokenError } from "./token-error.ts";

export type ServiceTokensDeps = TokenRequester & {
  /** Told of every failed request, also of one whose failure no call feels because the old token still holds. */
  readonly onFailure?: (callee: ServiceName, error: ServiceTokenError) => void;
};

/** The tokens with which one service proves itself to others. */
export type ServiceTokens = {
  /** A valid token for exactly this callee. @throws {ServiceTokenError} when there is none and none can be had. */
  tokenFor(callee: ServiceName): Promise<string>;
  /**
   * Forgets the token for `callee`, or all of them. With `token`, forgets it only if it is still the one in use and not
   * just granted, so that a callee which refuses every token cannot make a storm at the token endpoint.
   */
  drop(callee?: ServiceName, token?: string): void;
};

const renewAfter = 0.8;
const firstWaitMs = 250;
const longestWaitMs = 5_000;
const justGrantedMs = 10_000;

/**
 * Gets, keeps and renews a service's tokens. A token is asked for when a callee is first called, with one request in
 * flight per callee; from 80 % of its life on, a call renews it in the background and goes out with the old one; only
 * an expired one makes a call wait. After a failed request the next waits 250 ms, doubling up to 5 s, and calls in
 * between get the same error at once. While the authorization server is down a valid token goes on serving.
 */
export function createServiceTokens(deps: ServiceTokensDeps): ServiceTokens {
  const slots = new Map<ServiceName, Slot>();

  return {
    async tokenFor(callee) {
      const slot = slots.get(callee) ?? emptySlot();
      slots.set(callee, slot);
      const at = deps.now();
      const held = slot.held !== null && at < slot.held.endsAt ? slot.held : null;
      if (held !== null && at < held.renewAt) return held.value;
      if (slot.failure !== null && at < slot.failure.retryAt) return held?.value ?? refuse(slot.failure.error);
      slot.flight ??= renew(deps, callee, slot);
      if (held !== null) return held.value;
      const outcome = await slot.flight;
      return outcome instanceof ServiceTokenError ? refuse(outcome) : outcome;
    },
    drop(callee, token) {
      if (callee === undefined) return slots.clear();
      const held = slots.get(callee)?.held;
      const spared = token !== undefined && (held?.value !== token || deps.now() < held.grantedAt + justGrantedMs);
      if (!spared) slots.delete(callee);
    },
  };
}

type Held = {
  readonly value: string;
  readonly grantedAt: number;
  readonly renewAt: number;
  readonly endsAt: number;
};

type Failure = { readonly error: ServiceTokenError; readonly waitMs: number; readonly retryAt: number };

type Slot = { held: Held | null; failure: Failure | null; flight: Promise<string | ServiceTokenError> | null };

function emptySlot(): Slot {
  return { held: null, failure: null, flight: null };
}

/** Never rejects: a renewal in the background has nobody who waits for it. */
async function renew(deps: ServiceTokensDeps, callee: ServiceName, slot: Slot): Promise<string | ServiceTokenError> {
  const askedAt = deps.now();
  try {
    const granted = await requestToken(deps, callee);
    slot.held = toHeld(granted, askedAt);
    slot.failure = null;
    return granted.value;
  } catch (cause) {
    const error = toTokenError(cause, callee);
    const waitMs = Math.min((slot.failure?.waitMs ?? firstWaitMs / 2) * 2, longestWaitMs);
    slot.failure = { error, waitMs, retryAt: deps.now() + waitMs };
    deps.onFailure?.(callee, error);
    return error;
  } finally {
    slot.flight = null;
  }
}

/** Times count from before the request was sent: our idea of the end is never later than the issuer's. */
function toHeld({ value, lifeMs }: GrantedToken, askedAt: number): Held {
  return { value, grantedAt: askedAt, renewAt: askedAt + lifeMs * renewAfter, endsAt: askedAt + lifeMs };
}

function toTokenError(cause: unknown, callee: ServiceName): ServiceTokenError {
  if (cause instanceof ServiceTokenError) return cause;
  return new ServiceTokenError("refused", `No token for ${callee}: the assertion could not be signed.`, { cause });
}

function refuse(error: ServiceTokenError): never {
  throw error;
}
