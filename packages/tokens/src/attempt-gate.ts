/** Says when the next attempt to fetch keys may start; the clock is the caller's, in milliseconds. */
export type AttemptGate = {
  mayStart(now: number): boolean;
  /** An attempt starts; the next one may start `pauseMs` later. */
  start(now: number, pauseMs: number): void;
  /** Lets the next attempt start at once, whatever the pause. */
  open(): void;
  lastStart(): number | undefined;
};

/** A gate through which the first attempt may go. A clock that was set back does not lock it. */
export function createAttemptGate(): AttemptGate {
  let last: number | undefined;
  let pause = 0;
  return {
    mayStart: (now) => last === undefined || now < last || now - last >= pause,
    start(now, pauseMs) {
      last = now;
      pause = pauseMs;
    },
    open() {
      pause = 0;
    },
    lastStart: () => last,
  };
}
