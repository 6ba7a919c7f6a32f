import { type Operation, type OperationResultObservable, TRPCClientError } from "@trpc/client";
import type { AnyTRPCRouter } from "@trpc/server";
import { observable, tap, type Unsubscribable } from "@trpc/server/observable";

import type { Session } from "./session.ts";

export type Results = OperationResultObservable<AnyTRPCRouter, unknown>;

/** How a link hands a call on, and whose call it is. */
export type Way = { readonly session: Session; readonly send: (op: Operation) => Results };

/**
 * Sends a call that changes who is signed in: after the refreshes that are under way in any tab, and before all later
 * ones. One whose answer came after this call's would set the cookies of who was there before.
 */
export function sendAlone(op: Operation, { session, send }: Way): Results {
  return observable((observer) => {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const end = (): void => resolve();
    let isClosed = false;
    let sent: Unsubscribable | undefined;
    const begin = (): Promise<void> => {
      if (isClosed) end();
      else
        sent = send(op)
          .pipe(tap({ complete: end, error: end }))
          .subscribe(observer);
      return ended;
    };
    session.alone(begin).catch((cause: unknown) => observer.error(toUnavailable(op.path, cause)));
    return () => {
      isClosed = true;
      sent?.unsubscribe();
      end();
    };
  });
}

/** Nobody could be asked about the session just now. */
export function toUnavailable(path: string, cause: unknown): TRPCClientError<AnyTRPCRouter> {
  const data = { code: "SERVICE_UNAVAILABLE", httpStatus: 503, path };
  const error = { code: -32603, message: "The session cannot be renewed right now; try again.", data };
  return TRPCClientError.from({ error }, cause instanceof Error ? { cause } : {});
}
