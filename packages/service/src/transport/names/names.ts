import { isIP } from "node:net";
import { LRUCache } from "lru-cache";

/** Where a name leads. */
export type Address = { readonly address: string; readonly family: 4 | 6 };

/** Asks for the addresses of a name; rejects when there are none, or nobody can say. */
export type LookUp = (name: string) => Promise<readonly Address[]>;

/** The addresses of names, remembered. */
export type Names = {
  /**
   * The addresses of a name or of an address itself: at once when they are known, else a promise, which rejects as the
   * look-up did.
   */
  addressesOf(name: string): readonly Address[] | Promise<readonly Address[]>;
  /** Has the name looked up before it is used again: nothing could be reached where it leads. */
  doubt(name: string): void;
};

export type NamesDeps = {
  readonly lookUp: LookUp;
  /** A clock that only moves forward, in milliseconds. */
  readonly now: () => number;
};

/** For so long nobody asks again. After that the old addresses serve while the new ones are looked up. */
const freshMs = 5_000;
/** For so long addresses serve while none can be looked up. */
const keptMs = 10 * 60_000;
/** For so long a failed look-up is not repeated. */
const failureMs = 1_000;
const maxNames = 1_000;

type Known = {
  addresses: readonly Address[];
  /** When they were looked up. */
  at: number;
  isDoubted: boolean;
  failure: { readonly error: unknown; readonly at: number } | null;
  flight: Promise<readonly Address[]> | null;
};

/** Remembers a bounded number of names, each with one look-up in flight at most; one name never waits for another. */
export function createNames({ lookUp, now }: NamesDeps): Names {
  const names = new LRUCache<string, Known>({ max: maxNames });

  function knownOf(name: string): Known {
    const known = names.get(name) ?? { addresses: [], at: 0, isDoubted: false, failure: null, flight: null };
    names.set(name, known);
    return known;
  }

  async function refresh(name: string, known: Known): Promise<readonly Address[]> {
    try {
      known.addresses = await lookUp(name);
      known.at = now();
      known.isDoubted = false;
      known.failure = null;
    } catch (error) {
      known.failure = { error, at: now() };
      if (!isKept(known)) throw error;
    } finally {
      known.flight = null;
    }
    return known.addresses;
  }

  function isKept({ addresses, at }: Known): boolean {
    return addresses.length > 0 && now() - at < keptMs;
  }

  function lookUpOnce(name: string, known: Known): Promise<readonly Address[]> {
    known.flight ??= refresh(name, known);
    return known.flight;
  }

  return {
    addressesOf(name) {
      const family = isIP(name);
      if (family === 4 || family === 6) return [{ address: name, family }];
      const known = knownOf(name);
      const hasFailed = known.failure !== null && now() - known.failure.at < failureMs;
      if (isKept(known)) {
        const isFresh = now() - known.at < freshMs && !known.isDoubted;
        if (isFresh || hasFailed) return known.addresses;
        const renewed = lookUpOnce(name, known);
        if (known.isDoubted) return renewed;
        renewed.catch(() => undefined); // remembered as a failure
        return known.addresses;
      }
      if (hasFailed) return refuse(known.failure?.error);
      return lookUpOnce(name, known);
    },
    doubt(name) {
      const known = names.get(name);
      if (known !== undefined) known.isDoubted = true;
    },
  };
}

async function refuse(error: unknown): Promise<never> {
  throw error;
}
