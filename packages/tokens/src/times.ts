import { TokenError } from "./errors.ts";

/** When a token is good, in epoch seconds: its `iat`, `exp` and `nbf`. */
export type Times = { issuedAt: number; expiresAt: number; notBefore?: number | undefined };

/** What the times are held to. */
export type TimeLimits = {
  /** The longest life of the class, in seconds. */
  life: number;
  /** The clock, in milliseconds since the epoch. */
  now: () => number;
  /** How far the issuer's clock may be from this one, in seconds; 5 unless told. */
  tolerance?: number | undefined;
};

/**
 * Checks the times of a token (RFC 7519 §4.1.4 to §4.1.6). Each condition is written so that a clock that is no number
 * refuses.
 *
 * @throws TokenError `bad_claims` (it ends before it begins), `lives_too_long`, `issued_in_future`, `not_yet_valid`, `expired`
 * @throws RangeError when the tolerance is not between 0 and 60 seconds
 */
export function checkTimes({ issuedAt, expiresAt, notBefore = issuedAt }: Times, limits: TimeLimits): void {
  const tolerance = limits.tolerance ?? 5;
  if (!(tolerance >= 0 && tolerance <= 60)) throw new RangeError("The clock tolerance is 0 to 60 seconds.");
  if (expiresAt <= issuedAt) throw new TokenError("bad_claims", { claim: "exp" });
  if (expiresAt - issuedAt > limits.life) throw new TokenError("lives_too_long");
  const now = limits.now() / 1000;
  if (!(issuedAt <= now + tolerance)) throw new TokenError("issued_in_future");
  if (!(notBefore <= now + tolerance)) throw new TokenError("not_yet_valid");
  if (!(now < expiresAt + tolerance)) throw new TokenError("expired");
}
