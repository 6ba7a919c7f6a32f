import type { EventBus } from "../bus.ts";
import type { BusError } from "../bus-error.ts";

/** One bus on an empty log, with what the suite needs to try it. */
export type BusUnderTest = {
  readonly bus: EventBus;
  /** Everything that `onError` of `bus` received. */
  readonly errors: readonly BusError[];
  /** Another node's bus on the same log. Absent when the log cannot be shared. */
  readonly second?: () => EventBus;
  /** Moves the clock on, past the retention. Absent when the driver's clock cannot be moved. */
  readonly outliveRetention?: () => void;
  /** Cuts `bus`, and it alone, off from its store or broker. Absent when there is none. */
  readonly cut?: () => Promise<void>;
  /** Ends the cut. */
  readonly mend?: () => Promise<void>;
  /** Closes every bus that was handed out and removes the log. */
  readonly dispose: () => Promise<void>;
};

/** Opens one for a test, which is disposed of afterwards. */
export type Start = () => Promise<BusUnderTest>;
