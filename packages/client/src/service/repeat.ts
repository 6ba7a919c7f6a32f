import { setTimeout as wait } from "node:timers/promises";

/** When something that failed is tried again. */
export type Repeating = {
  /** Whether it may be, after this error. */
  readonly mayRepeat: (error: unknown) => boolean;
  /** What the error asks to wait at least, in milliseconds. */
  readonly asksToWaitMs: (error: unknown) => number;
  /** When the time is over, in milliseconds since the epoch. */
  readonly endsAt: number;
  readonly now: () => number;
  /** From 0 to 1, for the jitter. */
  readonly random: () => number;
  readonly signal?: AbortSignal | undefined;
};

const mostRepeats = 2;
const firstPauseMs = 50;

/**
 * Tries, and tries again at most twice: after up to 50 ms and then up to 100 ms, by chance, so that those who failed
 * together do not come back together; later where the error asks for it, and not at all where that is beyond the end.
 *
 * @param attempt is told which one it is, from 1
 * @throws the last error
 */
export async function repeat<T>(attempt: (number: number) => Promise<T>, repeating: Repeating): Promise<T> {
  const { mayRepeat, asksToWaitMs, endsAt, now, random, signal } = repeating;
  for (let number = 1; ; number += 1) {
    try {
      return await attempt(number);
    } catch (error) {
      if (number > mostRepeats || !mayRepeat(error)) throw error;
      const pauseMs = Math.max(random() * firstPauseMs * 2 ** (number - 1), asksToWaitMs(error));
      if (now() + pauseMs >= endsAt) throw error;
      await wait(pauseMs, undefined, signal === undefined ? {} : { signal });
    }
  }
}
