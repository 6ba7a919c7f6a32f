import type { Context } from "./context.ts";

/**
 * What a subscription yields, for as long as the right to it: the stream ends with UNAUTHORIZED when the token ends or is
 * revoked, and the client renews and resumes after the last id that it has. Errors of the source get their place in the
 * table, as those of every other procedure do.
 *
 * @param source what the handler of a subscription gave; returned as it is when it is no async iterable
 */
export function endWithCredential(ctx: Context, source: unknown): unknown {
  return isAsyncIterable(source) ? bounded(ctx, source) : source;
}

async function* bounded(ctx: Context, source: AsyncIterable<unknown>): AsyncGenerator<unknown, void, undefined> {
  const events: AsyncIterator<unknown, unknown> = source[Symbol.asyncIterator]();
  const life = createLife(ctx);
  let isOver = false;
  try {
    for (;;) {
      const next = await life.during(() => events.next());
      isOver = next.done === true;
      if (next.done) return;
      yield next.value;
    }
  } catch (error) {
    throw ctx.gate.toRefusal(error);
  } finally {
    life.close();
    // Not waited for: a source that waits for its next event returns after that event only
    if (!isOver)
      void events.return?.().catch((error: unknown) => ctx.log.warn({ err: error }, "A stream ended badly."));
  }
}

/** Waits that end with the credential. One promise for each wait: a race against a lasting one would keep every loser. */
function createLife(ctx: Context) {
  let ended: Error | undefined;
  let interrupt: ((reason: Error) => void) | undefined;
  const close = ctx.watchCredential((refusal) => {
    ended = refusal;
    interrupt?.(refusal);
  });
  return {
    close,
    during: <T>(work: () => Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) return reject(ended);
        interrupt = reject;
        work().then(resolve, reject);
      }),
  };
}

/** What a subscription may yield from, and tRPC asks for one event after another. */
export function isAsyncIterable(source: unknown): source is AsyncIterable<unknown> {
  return typeof source === "object" && source !== null && Symbol.asyncIterator in source;
}
