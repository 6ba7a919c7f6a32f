/** How many calls were counted for a key in the window that runs, and when it ends. */
export type Tally = { readonly calls: number; readonly msLeft: number };

/** Counts by key, each in windows of its own that begin with the first call and have a fixed length. */
export type LimitStore = {
  /**
   * Counts so many more calls, all of them or none, and gives what then is counted: no two calls are given the same.
   *
   * @throws LimitStoreError when nobody can be asked, within a fraction of a second
   */
  add(key: string, calls: number, windowSeconds: number): Promise<Tally>;
  /** Whether it can be asked now. */
  available(): boolean;
  close(): Promise<void>;
};

/** The store that counts could not be reached, or did not answer in time. */
export class LimitStoreError extends Error {
  override readonly name = "LimitStoreError";
}
