import { timeLeftHeader } from "@countersign/client/service";

/** More than anybody waits: what is above it says nothing. */
const longestMs = 600_000;

/**
 * When the caller gives up, from the milliseconds that it says are left to it: a duration, so that the clocks of the two
 * need not agree. Null when it does not say, or nothing that can be read.
 *
 * @param now epoch milliseconds
 */
export function readDeadline(headers: Headers, now: number): number | null {
  const left = headers.get(timeLeftHeader);
  if (left === null || !/^[0-9]{1,6}$/.test(left)) return null;
  return Number(left) > longestMs ? null : now + Number(left);
}
