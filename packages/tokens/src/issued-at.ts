/** How far a token is dated back, in seconds. */
const back = 1;

/**
 * The `iat` of a token that is issued at this moment, in epoch seconds: a second back, since verifiers of other vendors
 * refuse a token "from the future" without any leeway, and their clocks may be a little behind.
 *
 * @param now milliseconds since the epoch
 */
export function toIssuedAt(now: number): number {
  return Math.floor(now / 1000) - back;
}
