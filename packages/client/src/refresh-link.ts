import type { Operation, TRPCClientError, TRPCLink } from "@trpc/client";
import type { AnyTRPCRouter } from "@trpc/server";
import { observable, tap, type Unsubscribable } from "@trpc/server/observable";

import { codeOf } from "./code-of.ts";
import { type Results, sendAlone, toUnavailable, type Way } from "./send-alone.ts";
import type { Session } from "./session.ts";

/**
 * Makes an access token's end go unnoticed: a call that is refused with UNAUTHORIZED renews the session, together with
 * all others that were refused meanwhile, and is then sent once more; it cannot have done anything the first time. A
 * subscription goes on after the last item that it got, and outlives any number of tokens.
 * When the session is over the refusal stands. When auth cannot be asked the call fails with SERVICE_UNAVAILABLE
 * instead, for nobody said that the user is signed out. Calls that sign in or out themselves renew nothing.
 */
export function refreshLink(session: Session): TRPCLink<AnyTRPCRouter> {
  return () =>
    ({ op, next }) => {
      if (signsIn.includes(op.path))
        return sendAlone(op, { session, send: (own) => next(own).pipe(tap({ complete: () => session.began() })) });
      if (leavesAlone.includes(op.path)) return sendAlone(op, { session, send: next });
      return renewing(op, { session, send: next });
    };
}

const signsIn = ["auth.login", "auth.register"];
const leavesAlone = ["auth.refresh", "auth.logout"];

/** What is refused again so soon after a renewal, and gave nothing in between, was not refused for want of one. */
const triedAgainMs = 30_000;

type Refusal = TRPCClientError<AnyTRPCRouter>;

function renewing(op: Operation, { session, send }: Way): Results {
  return observable((observer) => {
    let isClosed = false;
    let renewedAt = Number.NEGATIVE_INFINITY;
    let current: Unsubscribable | undefined;
    let { input } = op;
    let mark = session.renewals.mark();

    const begin = (): void => {
      session.used();
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
          if (codeOf(refusal) === "UNAUTHORIZED" && !isFresh) renew(refusal).catch(giveUp);
          else observer.error(refusal);
        },
      });
    };

    const renew = async (refusal: Refusal): Promise<void> => {
      renewedAt = session.now();
      const isRenewed = await session.renewals.since(mark);
      if (isClosed) return;
      if (isRenewed) begin();
      else observer.error(refusal);
    };

    const giveUp = (cause: unknown): void => {
      if (!isClosed) observer.error(toUnavailable(op.path, cause));
    };

    begin();
    return () => {
      isClosed = true;
      current?.unsubscribe();
    };
  });
}

/** How tRPC's own links tell a subscription where to go on. */
function resumedAfter(input: unknown, lastEventId: unknown): unknown {
  const isObject = typeof input === "object" && input !== null;
  return isObject || input === undefined || input === null ? { ...Object(input), lastEventId } : input;
}
