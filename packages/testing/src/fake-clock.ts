/** A clock that stands until it is moved. */
export type FakeClock = {
  /** Epoch milliseconds; hand it over as it is, it needs no `this`. */
  readonly now: () => number;
  /** Moves on by so many seconds. */
  advance(seconds: number): void;
};

/** A clock that starts at the real time, or at the given epoch milliseconds. */
export function createFakeClock(start: number = Date.now()): FakeClock {
  let at = start;
  return {
    now: () => at,
    advance(seconds) {
      at += seconds * 1000;
    },
  };
}
