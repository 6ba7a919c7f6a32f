import { TokenError } from "./errors.ts";

/** The bounds that a token's times are held to. */
export type TimeLimits = { life: number; now: () => number; tolerance?: number | undefined };

/**
 * Checks `iat`, `exp` and `nbf` (RFC 7519 §4.1.4 to §4.1.6) of a payload whose claims were read already; seconds.
 *
 * @throws TokenError `lives_too_long`, `issued_in_future`, `not_yet_valid`, `expired`, `bad_claims`
 * @throws RangeError when the tolerance is not between 0 and 60 seconds
 */
export function checkTimes(payload: Readonly<Record<string, unknown>>, limits: TimeLimits): void {
  const { iat, exp, nbf } = payload;
  const tolerance = limits.tolerance ?? 5;
  if (!(tolerance >= 0 && tolerance <= 60)) throw new RangeError("The clock tolerance is 0 to 60 seconds.");
  if (typeof iat !== "number" || typeof exp !== "number") throw new TokenError("bad_claims", { claim: "exp" });
  if (exp <= iat) throw new TokenError("bad_claims", { claim: "exp" });
  if (exp - iat > limits.life) throw new TokenError("lives_too_long");
  const now = limits.now() / 1000;
  if (iat > now + tolerance) throw new TokenError("issued_in_future");
  if (typeof nbf === "number" && nbf > now + tolerance) throw new TokenError("not_yet_valid");
  if (now >= exp + tolerance) throw new TokenError("expired");
}
