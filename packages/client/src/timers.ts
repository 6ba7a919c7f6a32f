/** Timers as every runtime has them. */
export type Timers = {
  /** Calls `work` once, after `ms` milliseconds; gives what calls it off. */
  after(ms: number, work: () => void): () => void;
};

/** The runtime's own. */
export const runtimeTimers: Timers = {
  after: (ms, work) => {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
};
