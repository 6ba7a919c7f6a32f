import type { Operation, TRPCClientError } from "@trpc/client";
import type { AnyTRPCRouter } from "@trpc/server";
import { observable, type Unsubscribable } from "@trpc/server/observable";

import { codeOf } from "./code-of.ts";
import { type Results, toUnavailable, type Way } from "./send-alone.ts";

type Refusal = TRPCClientError<AnyTRPCRouter>;

/** What is refused again so soon after a renewal, and gave nothing in between, was not refused for want of one. */
const triedAgainMs = 30_000;
/** How long a subscription waits for auth to come back: at first as long as for a connection, then twice as long each time. */
const firstPauseMs = 3_000;
const longestPauseMs = 60_000;

/**
 * Sends a call, and again after a renewal when it is refused for want of one: a query or mutation once, a subscription as
 * often as its token ends. While auth cannot be asked, a subscription waits and says so by its state; every other call
 * fails with SERVICE_UNAVAILABLE.
 */
export function renewing(op: Operation, { session, send }: Way): Results {
  return observable((observer) => {
    let isClosed = false;
    let renewedAt = Number.NEGATIVE_INFINITY;
    let pauseMs = firstPauseMs;
    let current: Unsubscribable | undefined;
    let stopWaiting: (() => void) | undefined;
    let { input } = op;
    let mark = session.renewals.mark();

    const begin = (): void => {
      if (isClosed) return;
      mark = session.renewals.mark();
      current = send({ ...op, input }).subscribe({
        ...observer,
        next: (value) => {
          const { result } = value;
          if ("type" in result && result.type === "state") mark = session.renewals.mark(); // it connects anew
          if ("data" in result) renewedAt = Number.NEGATIVE_INFINITY; // the token was good for that
          if ("id" in result && result.id !== undefined) input = resumedAfter(op.input, result.id);
          observer.next(value);
        },
        error: (refusal) => {
          const isFresh = session.now() - renewedAt < triedAgainMs;
          if (codeOf(refusal) === "UNAUTHORIZED" && !isFresh) renew(refusal);
          else observer.error(refusal);
        },
      });
    };

    const renew = (refusal: Refusal): void => {
      const goOn = (isRenewed: boolean): void => {
        if (isClosed) return;
        renewedAt = session.now();
        pauseMs = firstPauseMs;
        if (isRenewed) begin();
        else observer.error(refusal);
      };
      session.renewals.since(mark).then(goOn, (cause: unknown) => (isClosed ? undefined : giveUp(refusal, cause)));
    };

    const giveUp = (refusal: Refusal, cause: unknown): void => {
      const error = toUnavailable(op.path, cause);
      if (op.type !== "subscription") return observer.error(error);
      observer.next({ result: { type: "state", state: "connecting", error } });
      mark = { ...mark, turn: session.renewals.mark().turn };
      stopWaiting = session.timers.after(pauseMs, () => renew(refusal));
      pauseMs = Math.min(2 * pauseMs, longestPauseMs);
    };

    session.used();
    // Its cookie has gone with the token: a public procedure would not refuse, but answer as it answers strangers.
    if (session.hasEnded()) session.renewals.since(mark).then(begin, begin);
    else begin();
    return () => {
      isClosed = true;
      stopWaiting?.();
      current?.unsubscribe();
    };
  });
}

/** How tRPC's own links tell a subscription where to go on. */
function resumedAfter(input: unknown, lastEventId: unknown): unknown {
  const isObject = typeof input === "object" && input !== null;
  return isObject || input === undefined || input === null ? { ...Object(input), lastEventId } : input;
}
