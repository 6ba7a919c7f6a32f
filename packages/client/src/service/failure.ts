import { TRPCClientError } from "@trpc/client";

import { codeOf } from "../code-of.ts";
import type { Verdict } from "./circuits.ts";
import { TimeLimitError } from "./within.ts";

/**
 * What a failed call says about its callee. That it is not there: no connection, an answer of 502 to 504 or
 * SERVICE_UNAVAILABLE, or no answer in time, where it was given a fair time. Every other answer says that it is.
 *
 * A time limit that is the caller's own short deadline says nothing, or whoever is in a hurry could shut a healthy callee
 * off for everybody; and so does a call that was cancelled.
 */
export function judgeFailure(error: unknown, { fair, cancelled }: { fair: boolean; cancelled: boolean }): Verdict {
  if (cancelled) return "unknown";
  if (error instanceof TimeLimitError) return fair ? "outage" : "unknown";
  const code = codeOf(error);
  if (code !== undefined) return outageCodes.has(code) ? "outage" : "answered";
  const status = statusOf(error);
  if (status === undefined) return "outage";
  return status >= 502 && status <= 504 ? "outage" : "answered";
}

/** Whether the request certainly did not reach anybody, so that sending it again repeats nothing. */
export function wasNeverSent(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    if ("isUnsent" in cause && cause.isUnsent === true) return true; // the word of our own transport
    if ("code" in cause && typeof cause.code === "string" && unsent.has(cause.code)) return true;
  }
  return false;
}

const outageCodes: ReadonlySet<string> = new Set(["SERVICE_UNAVAILABLE", "BAD_GATEWAY", "GATEWAY_TIMEOUT", "TIMEOUT"]);

/** No connection came to be; Node and Bun say it by the same codes. */
const unsent: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

function statusOf(error: unknown): number | undefined {
  const response = error instanceof TRPCClientError ? error.meta?.["response"] : undefined;
  return response instanceof Response ? response.status : undefined;
}
