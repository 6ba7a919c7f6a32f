import type { ServiceName } from "@countersign/access";

import { requestToken, type TokenRequester } from "./request-token.ts";
import type { ServiceTokenError } from "./token-error.ts";
import { createTokenSlot, refusalPauseMs, type TokenSlot } from "./token-slot.ts";

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

/**
 * Gets, keeps and renews a service's tokens, one for each callee: see `createTokenSlot`. While the authorization server
 * is down a valid token goes on serving.
 */
export function createServiceTokens(deps: ServiceTokensDeps): ServiceTokens {
  const slots = new Map<ServiceName, TokenSlot>();

  function slotOf(callee: ServiceName): TokenSlot {
    const known = slots.get(callee);
    if (known !== undefined) return known;
    const slot = createTokenSlot({
      callee,
      ask: () => requestToken(deps, { callee }),
      onFailure: (error) => deps.onFailure?.(callee, error),
      now: deps.now,
    });
    slots.set(callee, slot);
    return slot;
  }

  return {
    tokenFor: (callee) => slotOf(callee).token(),
    drop(callee, token) {
      if (callee === undefined) slots.clear();
      else if (token === undefined || (slots.get(callee)?.age(token) ?? 0) >= refusalPauseMs) slots.delete(callee);
    },
  };
}
