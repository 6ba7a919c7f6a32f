import type { Context } from "./context.ts";
import { isAsyncIterable } from "./end-with-credential.ts";

/** One open stream of a caller, which counts until it is over in whichever way. */
export type StreamHold = {
  /** The same source; the stream is over when it is done, fails, or is let go of. */
  readonly during: (source: unknown) => unknown;
  /** It is over; to say so again changes nothing. */
  readonly release: () => void;
};

/**
 * Counts a stream from here on. It is over with its source or with its request, whichever ends first: the source of a
 * client that went away before the first event is never asked for one, and would tell of no end.
 *
 * @throws Refusal TOO_MANY_REQUESTS when the caller has as many as are allowed
 */
export function holdStream(ctx: Context): StreamHold {
  const leave = ctx.gate.openStream(ctx);
  const { signal } = ctx.request;
  const release = () => {
    signal.removeEventListener("abort", release);
    leave();
  };
  signal.addEventListener("abort", release, { once: true });
  if (signal.aborted) release();
  return { during: (source) => watchEnd(source, release), release };
}

function watchEnd(source: unknown, over: () => void): unknown {
  if (!isAsyncIterable(source)) {
    over(); // what it is, tRPC refuses or ends itself
    return source;
  }
  return { [Symbol.asyncIterator]: () => watched(source[Symbol.asyncIterator](), over) };
}

/** No generator: one that is let go of before its first step would run none of its code. */
function watched(events: AsyncIterator<unknown, unknown>, over: () => void): AsyncIterator<unknown, unknown> {
  return {
    async next() {
      try {
        const step = await events.next();
        if (step.done === true) over();
        return step;
      } catch (error) {
        over();
        throw error;
      }
    },
    async return(value?: unknown) {
      over();
      return (await events.return?.(value)) ?? { done: true, value };
    },
  };
}
