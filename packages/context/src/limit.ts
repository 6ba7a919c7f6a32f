/**
 * Whose calls a limit counts together: those of one client address (an IPv6 /64 is one), which a service's are not; of
 * one user, directly or through a service; of one calling service; or all calls of the procedure.
 */
export type LimitBy = "address" | "user" | "service" | "procedure";

/** So many calls of a procedure in any window of so many seconds, which begins with the first call. */
export type Limit = {
  readonly by: LimitBy;
  readonly calls: number;
  readonly perSeconds: number;
  /** Tells limits of one procedure apart that count by the same; `by` unless told. */
  readonly name?: string;
  /**
   * Refuse with SERVICE_UNAVAILABLE while the store that replicas share cannot be reached; unless told, each process
   * counts for itself meanwhile.
   */
  readonly strict?: boolean;
};

/** What is left of a limit for whoever was counted. */
export type Quota = {
  /** The name of the limit, such as `orders.place/user`. */
  readonly policy: string;
  readonly calls: number;
  readonly perSeconds: number;
  readonly remaining: number;
  readonly resetSeconds: number;
};

/** What of a procedure's meta, which anyone could have written, is a list of limits. */
export function readLimits(declared: unknown): readonly Limit[] {
  return Array.isArray(declared) ? declared.filter(isLimit) : [];
}

function isLimit(value: unknown): value is Limit {
  return typeof value === "object" && value !== null && "by" in value && "calls" in value && "perSeconds" in value;
}
