/** How late a process is with its work. */
export type LoopDelay = {
  /** Milliseconds by which everything is late, and has been for a while: one long task alone is not. */
  readonly delayMs: () => number;
  stop(): void;
};

const everyMs = 50;
/** So many looks in a row have to be late: the least of them is what is standing, not what has passed. */
const looks = 4;

/**
 * Looks twenty times a second how late a timer fires. It is the same on Node and Bun, and it is what a request feels: the
 * time until anybody looks at it.
 *
 * @param now a clock that does not jump, in milliseconds
 */
export function watchLoopDelay(now: () => number): LoopDelay {
  const late = Array<number>(looks).fill(0);
  let turn = 0;
  let due = now() + everyMs;
  const timer = setInterval(() => {
    const at = now();
    late[turn] = Math.max(0, at - due);
    turn = (turn + 1) % looks;
    due = at + everyMs;
  }, everyMs).unref();
  return { delayMs: () => Math.min(...late), stop: () => clearInterval(timer) };
}
