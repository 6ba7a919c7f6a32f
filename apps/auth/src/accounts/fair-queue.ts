/** What waits for its turn, by whose it is. */
export type FairQueue<Item> = {
  /**
   * Adds one at the end of its owner's.
   *
   * @param owner from the widest to the narrowest, such as network, address, account
   * @returns what has to leave for it, which may be itself; null while there is room
   */
  add(owner: readonly string[], item: Item): Item | null;
  /** Takes out the next one; null when none waits. */
  take(): Item | null;
  size(): number;
};

/**
 * A bounded queue that serves owners in turn (round robin), at each level of their paths: of any number that one address
 * puts in, one is served for each one of another address. When it is full, the last one of whoever has most of them leaves:
 * a flood displaces itself.
 *
 * @param most how many may wait in all
 */
export function createFairQueue<Item>(most: number): FairQueue<Item> {
  const root: Branch<Item> = createBranch();
  return {
    add(owner, item) {
      put(root, owner, item);
      return root.size > most ? dropFrom(root, owner) : null;
    },
    take: () => takeFrom(root),
    size: () => root.size,
  };
}

/** Those of one owner: its own, and by the next key those of the owners within it, whose turn it is first. */
type Branch<Item> = { size: number; readonly own: Item[]; readonly within: Map<string, Branch<Item>> };

function createBranch<Item>(): Branch<Item> {
  return { size: 0, own: [], within: new Map() };
}

function put<Item>(branch: Branch<Item>, path: readonly string[], item: Item): void {
  branch.size += 1;
  const [key, ...rest] = path;
  if (key === undefined) return void branch.own.push(item);
  const next = branch.within.get(key) ?? createBranch<Item>();
  branch.within.set(key, next);
  put(next, rest, item);
}

/** The owner that was served goes to the end of the round. */
function takeFrom<Item>(branch: Branch<Item>): Item | null {
  if (branch.size === 0) return null;
  branch.size -= 1;
  const [first] = branch.within;
  if (first === undefined) return branch.own.shift() ?? null;
  const [key, next] = first;
  const taken = takeFrom(next);
  branch.within.delete(key);
  if (next.size > 0) branch.within.set(key, next);
  return taken;
}

/** Among equals the newcomer leaves, so that what waits already is not disturbed. */
function dropFrom<Item>(branch: Branch<Item>, newcomer: readonly string[]): Item | null {
  branch.size -= 1;
  const [key = "", ...rest] = newcomer;
  let largest = branch.within.get(key);
  let largestKey = key;
  for (const [otherKey, other] of branch.within) {
    if (largest !== undefined && other.size <= largest.size) continue;
    largest = other;
    largestKey = otherKey;
  }
  if (largest === undefined) return branch.own.pop() ?? null;
  const dropped = dropFrom(largest, largestKey === key ? rest : []);
  if (largest.size === 0) branch.within.delete(largestKey);
  return dropped;
}
