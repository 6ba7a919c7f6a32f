import { type Quota, Refusal } from "@countersign/context";

/** The one answer to a call beyond a limit: when to come again, and which limit it was. */
export function tooMany(quota: Quota): Refusal {
  const options = { quota, retryAfterSeconds: quota.resetSeconds, reason: "rate_limited" };
  return new Refusal("TOO_MANY_REQUESTS", undefined, options);
}
