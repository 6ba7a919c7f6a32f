import { type OperationResultObservable, TRPCClientError, type TRPCLink } from "@trpc/client";
import type { AnyTRPCRouter } from "@trpc/server";
import { observable, tap, type Unsubscribable } from "@trpc/server/observable";

import { codeOf } from "./code-of.ts";
import type { Session } from "./session.ts";

/**
 * Makes an access token's end go unnoticed: a call that is refused with UNAUTHORIZED renews the session, together with
 * all others that were refused meanwhile, and is then sent once more; it cannot have done anything the first time.
 * When the session is over the refusal stands. When auth cannot be asked the call fails with SERVICE_UNAVAILABLE
 * instead, for nobody said that the user is signed out. Calls that sign in or out themselves pass through.
 */
export function refreshLink(session: Session): TRPCLink<AnyTRPCRouter> {
  return () =>
    ({ op, next }) => {
      if (signsIn.includes(op.path)) return next(op).pipe(tap({ complete: () => session.began() }));
      if (leavesAlone.includes(op.path)) return next(op);
      return retryOnce(() => next(op), { session, path: op.path });
    };
}

const signsIn = ["auth.login", "auth.register"];
const leavesAlone = ["auth.refresh", "auth.logout"];

type Results = OperationResultObservable<AnyTRPCRouter, unknown>;

function retryOnce(send: () => Results, { session, path }: { session: Session; path: string }): Results {
  return observable((observer) => {
    const mark = session.renewals.mark();
    let isClosed = false;
    let current: Unsubscribable | undefined;

    const retry = async (refusal: TRPCClientError<AnyTRPCRouter>): Promise<void> => {
      const outcome = await session.renewals.since(mark).catch((cause: unknown) => toUnavailable(path, cause));
      if (isClosed) return;
      if (outcome === true) current = send().subscribe(observer);
      else observer.error(outcome === false ? refusal : outcome);
    };

    current = send().subscribe({
      ...observer,
      error: (error) => (codeOf(error) === "UNAUTHORIZED" ? void retry(error) : observer.error(error)),
    });
    return () => {
      isClosed = true;
      current?.unsubscribe();
    };
  });
}

function toUnavailable(path: string, cause: unknown): TRPCClientError<AnyTRPCRouter> {
  const data = { code: "SERVICE_UNAVAILABLE", httpStatus: 503, path };
  const error = { code: -32603, message: "The session cannot be renewed right now; try again.", data };
  return TRPCClientError.from({ error }, cause instanceof Error ? { cause } : {});
}
