import { TokenError } from "./errors.ts";
import { KeySetError, type KeySetFailure } from "./key-set-error.ts";

/** Makes attempts one at a time, with a pause from the start of one to the start of the next. Times in milliseconds. */
export class Attempts {
  readonly #run: (now: number) => Promise<void>;
  #underWay: Promise<void> | undefined;
  #lastStart: number | undefined;
  #pauseMs = 0;
  #failure: KeySetError | undefined;
  #count = 0;

  /** @param run one attempt; it fails with a KeySetError */
  constructor(run: (now: number) => Promise<void>) {
    this.#run = run;
  }

  get count(): number {
    return this.#count;
  }

  get lastStart(): number | undefined {
    return this.#lastStart;
  }

  /** Why the last attempt failed, if it did. */
  get failure(): KeySetFailure | undefined {
    return this.#failure?.failure;
  }

  /** Whether there is one to wait for, or one may be started. */
  mayJoin(now: number): boolean {
    return this.#underWay !== undefined || this.#isPauseOver(now);
  }

  /**
   * Waits for the attempt under way, or for a new one. Ask `mayJoin` first.
   *
   * @throws TokenError `keys_unavailable`
   */
  join(now: number, pauseMs: number): Promise<void> {
    this.#underWay ??= this.#start(now, pauseMs).finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  /** Starts one if none is under way and the pause is over. Nobody waits for it; a failure is kept in `failure`. */
  nudge(now: number, pauseMs: number): void {
    if (this.#underWay !== undefined || !this.#isPauseOver(now)) return;
    this.join(now, pauseMs).catch(() => undefined); // kept already; whoever needs an answer asks for one
  }

  /** Ends the pause: the next attempt may start at once. */
  endPause(): void {
    this.#pauseMs = 0;
  }

  /** What to say where no attempt may be made: that there are no keys, and why the last attempt brought none. */
  toError(): TokenError {
    return new TokenError("keys_unavailable", { cause: this.#failure });
  }

  /** A clock that was set back ends the pause, rather than making it last until it has caught up. */
  #isPauseOver(now: number): boolean {
    return this.#lastStart === undefined || now < this.#lastStart || now - this.#lastStart >= this.#pauseMs;
  }

  async #start(now: number, pauseMs: number): Promise<void> {
    this.#lastStart = now;
    this.#pauseMs = pauseMs;
    this.#count += 1;
    try {
      await this.#run(now);
      this.#failure = undefined;
    } catch (cause) {
      this.#failure = cause instanceof KeySetError ? cause : new KeySetError("unreachable", { cause });
      throw this.toError();
    }
  }
}
