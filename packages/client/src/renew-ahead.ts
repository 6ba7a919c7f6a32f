import type { Surroundings } from "./surroundings.ts";

export type AheadDeps = Pick<Surroundings, "now" | "timers" | "page"> & {
  /** When the access token ends, as far as is known now. Another page may have renewed it since. */
  readonly expiry: () => number | null;
  readonly renew: () => Promise<boolean>;
};

/** Renews a session shortly before its access token ends, as long as the page is looked at and used. */
export type Ahead = {
  /** A call is made. */
  used(): void;
  stop(): void;
};

/** How long before its end a token is replaced. */
const leadMs = 60_000;
/** However short tokens live and whatever fails, there is no more than one renewal ahead in this time. */
const pauseMs = 60_000;
/** A runtime runs a timer of more than 2^31 ms at once; a clock that is weeks behind would set one. It is looked at again. */
const longestMs = 3_600_000;

/**
 * A page in the background sets no timer, and one that made no call since the last renewal lets its token end: a call that
 * is refused renews it then. Coming back, a page that was used renews at once. A renewal that fails is not repeated by
 * itself: the next call does.
 */
export function renewAhead({ now, timers, page, expiry, renew }: AheadDeps): Ahead {
  if (page === null) return { used: () => undefined, stop: () => undefined };
  let disarm: (() => void) | null = null;
  let isUsed = false;
  let pauseEnds = Number.NEGATIVE_INFINITY;

  const rest = (): void => {
    disarm?.();
    disarm = null;
  };

  const arm = (): void => {
    rest();
    const at = expiry();
    if (at === null || !page.isVisible()) return;
    const wait = Math.max(at - leadMs - now(), pauseEnds - now(), 0);
    disarm = timers.after(Math.min(wait, longestMs), due);
  };

  const due = (): void => {
    disarm = null;
    const at = expiry();
    if (at === null) return;
    if (at - leadMs > now()) return arm();
    if (!isUsed) return;
    isUsed = false;
    pauseEnds = now() + pauseMs;
    renew().then(arm, () => undefined);
  };

  const stopWatching = page.onChange(() => (page.isVisible() ? arm() : rest()));
  return {
    used: () => {
      isUsed = true;
      if (disarm === null) arm();
    },
    stop: () => {
      rest();
      stopWatching();
    },
  };
}
