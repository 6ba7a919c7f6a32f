/** Renewing a session one at a time, for many calls that find out together that it has run out. */
export type Renewals = {
  /** What a call remembers when it is sent. */
  mark(): number;
  /**
   * For a call that was sent at `mark` and then refused: renews the session, joins the renewal under way, or takes the
   * outcome of one that ended since. Gives whether the call may be sent again. Rejects when that cannot be known now.
   */
  since(mark: number): Promise<boolean>;
  /** Somebody signed in or out: calls sent before are not sent again as somebody else, nor does a renewal count. */
  interrupt(): void;
};

/** @param renew does it once; it must change nothing when `isCurrent()` is false by the time it has its answer */
export function createRenewals(renew: (isCurrent: () => boolean) => Promise<boolean>): Renewals {
  let turn = 0;
  let last: Promise<boolean> = Promise.resolve(false);
  let flight: Promise<boolean> | null = null;

  const end = (outcome: Promise<boolean>): void => {
    turn += 1;
    last = outcome;
    flight = null;
  };

  const start = (): Promise<boolean> => {
    const started = turn;
    const isCurrent = (): boolean => turn === started;
    const outcome = renew(isCurrent).then((renewed) => renewed && isCurrent());
    // A failure counts as a turn too: of a hundred calls refused while auth is down, one asks it, not each in turn.
    const settle = (): void => (isCurrent() ? end(outcome) : undefined);
    outcome.then(settle, settle);
    return outcome;
  };

  return {
    mark: () => turn,
    since: async (mark) => {
      if (mark !== turn) return last;
      flight ??= start();
      return flight;
    },
    interrupt: () => end(Promise.resolve(false)),
  };
}
