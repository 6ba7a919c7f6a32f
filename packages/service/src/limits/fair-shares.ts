/** Something of which there is only so much at once, such as requests under way, held by clients. */
export type FairShares = {
  /**
   * Takes one. A holder may have as many as would be left for everybody else, at each level of its path.
   *
   * @param holder whose it is, from the widest to the narrowest, such as the keys of a network and of an address in it
   * @returns what gives it back, once however often it is called; null when the holder has its share already
   */
  take(holder: readonly string[]): (() => void) | null;
  /** How many are held by all together. */
  held(): number;
};

/**
 * Shares that adapt to how many there are to share with. Alone, one holder gets half of everything; of several that ask for
 * all they can get, each comes to what is then free for the next one, as they give back what they took before.
 *
 * @param most how many there are
 */
export function createFairShares(most: number): FairShares {
  const counts = new Map<string, number>();
  let held = 0;

  function hasRoom(keys: readonly string[]): boolean {
    let free = most - held;
    if (free <= 0) return false;
    for (const key of keys) {
      const own = counts.get(key) ?? 0;
      if (own > free) return false;
      free -= own;
    }
    return true;
  }

  function add(keys: readonly string[], change: 1 | -1): void {
    held += change;
    for (const key of keys) {
      const count = (counts.get(key) ?? 0) + change;
      if (count === 0) counts.delete(key);
      else counts.set(key, count);
    }
  }

  return {
    take(holder) {
      const keys = holder.map((_, index) => holder.slice(0, index + 1).join("\n"));
      if (!hasRoom(keys)) return null;
      add(keys, 1);
      let isBack = false;
      return () => {
        if (!isBack) add(keys, -1);
        isBack = true;
      };
    },
    held: () => held,
  };
}
