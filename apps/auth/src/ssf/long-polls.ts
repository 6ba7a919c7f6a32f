/** Answers that wait for something to say. */
export type LongPolls = {
  /**
   * Looks again and again until there is something, for 20 seconds at most. One receiver has two waiting at once: a further
   * one is answered at once.
   *
   * @returns what was found, or null
   */
  wait<Found>(receiver: string, gone: AbortSignal, look: () => Promise<Found | null>): Promise<Found | null>;
};

const looks = { every: 400, most: 50, atOnce: 2 };

export function createLongPolls({ every, most, atOnce } = looks): LongPolls {
  const waiting = new Map<string, number>();
  return {
    async wait(receiver, gone, look) {
      const others = waiting.get(receiver) ?? 0;
      if (others >= atOnce) return null;
      waiting.set(receiver, others + 1);
      try {
        for (let round = 0; round < most && !gone.aborted; round += 1) {
          await pause(every, gone);
          const found = await look();
          if (found !== null) return found;
        }
        return null;
      } finally {
        const left = (waiting.get(receiver) ?? 1) - 1;
        if (left === 0) waiting.delete(receiver);
        else waiting.set(receiver, left);
      }
    },
  };
}

async function pause(milliseconds: number, gone: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  const end = () => resolve();
  gone.addEventListener("abort", end, { once: true });
  await promise;
  clearTimeout(timer);
  gone.removeEventListener("abort", end);
}
