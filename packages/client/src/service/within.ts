/** How long some work may take, and what else ends it early. */
export type Limit = { readonly ms: number; readonly signal?: AbortSignal | undefined };

/** The reason with which `within` ends work that took too long. */
export class TimeLimitError extends Error {
  override readonly name = "TimeLimitError";

  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
  }
}

/**
 * Runs `work` for at most `limit.ms`, or until `limit.signal` aborts. The signal given to `work` aborts then, and the
 * promise rejects at once even when `work` does not listen: an in-process `fetch` may not.
 *
 * @throws {TimeLimitError} when the time is up; the outer signal's own reason when that aborts first.
 */
export function within<T>(limit: Limit, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const inner = new AbortController();
  const end = (reason: unknown): void => {
    inner.abort(reason);
    reject(reason);
  };
  const onAbort = (): void => end(limit.signal?.reason);
  const timer = setTimeout(() => end(new TimeLimitError(limit.ms)), Math.max(limit.ms, 0));
  limit.signal?.addEventListener("abort", onAbort, { once: true });
  if (limit.signal?.aborted) onAbort();
  else if (limit.ms <= 0) end(new TimeLimitError(0));
  else work(inner.signal).then(resolve, reject);
  return promise.finally(() => {
    clearTimeout(timer);
    limit.signal?.removeEventListener("abort", onAbort);
  });
}
