import { Refusal } from "@countersign/context";

/** The one answer to too many attempts. */
export function tooMany(retryAfterSeconds: number): Refusal {
  const options = { retryAfterSeconds, reason: "rate_limited" };
  return new Refusal("TOO_MANY_REQUESTS", "Too many attempts; wait, then try again.", options);
}
