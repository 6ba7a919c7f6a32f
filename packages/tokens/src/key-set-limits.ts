/** The bounds of a remote key set; times in milliseconds. */
export type KeySetLimits = {
  /** One attempt, body included. */
  timeoutMs: number;
  /** The answer's body. */
  maxBytes: number;
  /** From the start of one attempt to the start of the next. */
  floorMs: number;
  /** The same, for as long as no set was ever had: a service that starts before its issuer does not stay refusing. */
  coldFloorMs: number;
  /** The age at which the next look-up has the set fetched again, without waiting for it. */
  refreshMs: number;
  /** The age from which a set is no longer served. */
  staleMs: number;
  /** How many kids are remembered as unknown. */
  maxUnknownKids: number;
};

/** What holds unless told otherwise. */
export const keySetLimits: KeySetLimits = {
  timeoutMs: 3_000,
  maxBytes: 65_536,
  floorMs: 30_000,
  coldFloorMs: 1_000,
  refreshMs: 300_000, // the max-age of the issuer's answer
  staleMs: 3_600_000,
  maxUnknownKids: 1_024,
};

/** @throws RangeError when a limit is not positive, or a set would be too old to serve before it is due again */
export function readKeySetLimits(given: Partial<KeySetLimits>): KeySetLimits {
  const limits = { ...keySetLimits, ...given };
  for (const [name, value] of Object.entries(limits)) {
    if (!(Number.isFinite(value) && value > 0)) throw new RangeError(`${name} must be a positive number.`);
  }
  if (limits.refreshMs >= limits.staleMs) throw new RangeError("refreshMs must be less than staleMs.");
  return limits;
}
