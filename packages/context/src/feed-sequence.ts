import type { FeedPosition } from "@countersign/tokens";

/** Which numbers of auth's sequence have been applied. */
export type FeedSequence = {
  /** Whether an event was applied before. */
  has(position: FeedPosition): boolean;
  /** Takes note of an event that was applied. */
  add(position: FeedPosition): void;
  /** Takes a heartbeat. False for one that was heard before, of whatever sequence: it proves nothing. */
  hear(position: FeedPosition): boolean;
  /** Everything up to a number has been applied, by the word of auth. */
  jump(position: FeedPosition): void;
  /** The place up to which nothing is missing; null while nothing is known. */
  upTo(): FeedPosition | null;
  /** Whether something is known to be missing. */
  hasGap(): boolean;
};

/** Events that come ahead of a gap; beyond so many the gap is not filled by waiting. */
const mostAhead = 10_000;

/** Nothing is known at the beginning, so that everything is missing. */
export function createFeedSequence(): FeedSequence {
  let epoch: string | null = null;
  let applied = -1;
  let last = 0;
  let beat = -1;
  let ahead = new Set<number>();

  function enter(next: string): void {
    if (next === epoch) return;
    epoch = next;
    applied = -1;
    last = 0;
    beat = -1;
    ahead = new Set();
  }

  function advance(): void {
    while (ahead.delete(applied + 1)) applied += 1;
  }

  return {
    has: (position) => position.epoch === epoch && (position.number <= applied || ahead.has(position.number)),
    add(position) {
      enter(position.epoch);
      last = Math.max(last, position.number);
      if (position.number > applied && ahead.size < mostAhead) ahead.add(position.number);
      advance();
    },
    hear(position) {
      enter(position.epoch);
      if (position.beat === undefined || position.beat <= beat) return false;
      beat = position.beat;
      last = Math.max(last, position.number);
      if (position.first !== undefined) {
        applied = Math.max(applied, position.first - 1);
        for (const number of ahead) if (number <= applied) ahead.delete(number);
      }
      advance();
      return true;
    },
    jump(position) {
      enter(position.epoch);
      beat = Math.max(beat, position.beat ?? -1);
      applied = Math.max(applied, position.number);
      last = Math.max(last, position.number);
      for (const number of ahead) if (number <= applied) ahead.delete(number);
      advance();
    },
    upTo: () => (epoch === null || applied < 0 ? null : { epoch, number: applied }),
    hasGap: () => applied < last,
  };
}
