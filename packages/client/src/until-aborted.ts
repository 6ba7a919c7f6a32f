import { type Operation, type OperationResultObservable, TRPCClientError } from "@trpc/client";
import type { AnyTRPCRouter } from "@trpc/server";
import { observable } from "@trpc/server/observable";

/**
 * Ends a call as soon as its signal aborts. The stock links cut its request off, but not that of a batch, which others
 * wait for, and nobody waits for a renewal on behalf of a call that is no longer wanted. Subscriptions end by themselves.
 */
export function untilAborted(
  { signal, type }: Operation,
  source: OperationResultObservable<AnyTRPCRouter, unknown>,
): OperationResultObservable<AnyTRPCRouter, unknown> {
  if (!signal || type === "subscription") return source;
  return observable((observer) => {
    const onAbort = (): void => observer.error(TRPCClientError.from(toError(signal.reason)));
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    const sent = signal.aborted ? null : source.subscribe(observer);
    return () => {
      signal.removeEventListener("abort", onAbort);
      sent?.unsubscribe();
    };
  });
}

/** A caller may abort with anything; `AbortController` itself gives an `AbortError`. */
function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error("The call was aborted.", { cause: reason });
}
