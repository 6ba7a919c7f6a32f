/** What a run of tests came to. */
export type Tally = {
  readonly passed: number;
  readonly failed: number;
  /** Why the run is not to be trusted, though its tests may have passed; each is counted as a failure. */
  readonly problems: readonly string[];
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
};

/** What a run without tests comes to. */
export const none: Tally = { passed: 0, failed: 0, problems: [], skipped: [] };

/** Adds tallies up. */
export function sum(tallies: readonly Tally[]): Tally {
  return {
    passed: tallies.reduce((total, tally) => total + tally.passed, 0),
    failed: tallies.reduce((total, tally) => total + tally.failed, 0),
    problems: tallies.flatMap((tally) => tally.problems),
    skipped: tallies.flatMap((tally) => tally.skipped),
  };
}

/** The closing line: failures and problems together. */
export function toLine(tally: Tally): string {
  return `${tally.passed} passed, ${tally.failed + tally.problems.length} failed`;
}
