import type { SessionHint } from "./session-hint.ts";

/** What a call remembers when it is sent. */
export type Mark = {
  /** Counts the renewals. */
  readonly turn: number;
  /** Counts how often somebody signed in or out. */
  readonly era: number;
  readonly hint: SessionHint | null;
};

/** Renewing a session one at a time, for many calls that find out together that it has run out. */
export type Renewals = {
  mark(): Mark;
  /**
   * For a call that was sent at `mark` and then refused: renews the session, joins the renewal under way, or takes the
   * outcome of one that ended since. Gives whether the call may be sent again. Rejects when that cannot be known now.
   */
  since(mark: Mark): Promise<boolean>;
  /** Somebody signed in or out: calls sent before are not sent again as somebody else, nor does a renewal count. */
  interrupt(): void;
};

/** What one renewal is for. */
export type Renewal = {
  /** False once somebody signed in or out meanwhile. */
  readonly isCurrent: () => boolean;
  /** What was known of the session when the newest of the refused calls was sent. */
  readonly sentWith: () => SessionHint | null;
};

/**
 * @param renew does it once; it must change nothing when `isCurrent()` is false by the time it has its answer
 * @param readHint what is known of the session now
 */
export function createRenewals(
  renew: (renewal: Renewal) => Promise<boolean>,
  readHint: () => SessionHint | null,
): Renewals {
  let turn = 0;
  let era = 0;
  let last: Promise<boolean> = Promise.resolve(false);
  let flight: Promise<boolean> | null = null;
  let newest: SessionHint | null = null;

  const end = (outcome: Promise<boolean>): void => {
    turn += 1;
    last = outcome;
    flight = null;
  };

  const start = (): Promise<boolean> => {
    const started = turn;
    const isCurrent = (): boolean => turn === started;
    const outcome = renew({ isCurrent, sentWith: () => newest }).then((renewed) => renewed && isCurrent());
    // A failure counts as a turn too: of a hundred calls refused while auth is down, one asks it, not each in turn.
    const settle = (): void => (isCurrent() ? end(outcome) : undefined);
    outcome.then(settle, settle);
    return outcome;
  };

  return {
    mark: () => ({ turn, era, hint: readHint() }),
    since: async (mark) => {
      if (mark.era !== era) return false;
      if (mark.turn !== turn) return last;
      if (flight === null || (mark.hint?.generation ?? 0) > (newest?.generation ?? 0)) newest = mark.hint;
      flight ??= start();
      return flight;
    },
    interrupt: () => {
      era += 1;
      end(Promise.resolve(false));
    },
  };
}
