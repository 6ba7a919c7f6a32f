/** How long the reader of a stream may take, in milliseconds. */
export type ReaderLimits = {
  /** From one part to the moment when it asks for the next one. */
  readonly stallTimeoutMs: number;
  /** For the whole; as long as it likes unless told. */
  readonly wholeTimeoutMs?: number | undefined;
};

/**
 * Passes a stream on and breaks it off when its reader is too slow, so that nobody holds an answer, and what is behind
 * it, by not taking it. Nothing is read ahead.
 */
export function limitReader(source: ReadableStream<Uint8Array>, limits: ReaderLimits): ReadableStream<Uint8Array> {
  const { stallTimeoutMs, wholeTimeoutMs } = limits;
  const reader = source.getReader();
  let cut: () => void = () => undefined;
  let stall: NodeJS.Timeout | undefined;
  let whole: NodeJS.Timeout | undefined;

  function settle(): void {
    clearTimeout(stall);
    clearTimeout(whole);
    cut = () => undefined;
  }

  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        cut = () => {
          settle();
          controller.error(new Error("The reader of the answer is too slow."));
          void reader.cancel().catch(() => undefined); // nobody is left to be told
        };
        stall = setTimeout(() => cut(), stallTimeoutMs);
        if (wholeTimeoutMs !== undefined) whole = setTimeout(() => cut(), wholeTimeoutMs);
      },
      async pull(controller) {
        clearTimeout(stall);
        try {
          const { done, value } = await reader.read();
          if (!done) {
            controller.enqueue(value);
            stall = setTimeout(() => cut(), stallTimeoutMs);
            return;
          }
          settle();
          controller.close();
        } catch (error) {
          settle();
          throw error;
        }
      },
      cancel(reason) {
        settle();
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
