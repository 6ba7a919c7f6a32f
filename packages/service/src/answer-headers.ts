import { challengeOf, type ProtectedResource, Refusal } from "@countersign/context";
import type { TRPCError } from "@trpc/server";
import { announceQuota, quotaFields } from "./limits/announce-quota.ts";
import type { WatchedCounts } from "./limits/watch-counts.ts";
import type { Failure } from "./refused-stream.ts";

/** What answers of a service say of the request and of the service itself. */
export type AnswerNames = { readonly requestId: string; readonly resource: ProtectedResource };

/** No answer of a procedure is ever kept by a cache: it may depend on who asked, also when it is an error. */
export function headersFor(errors: readonly TRPCError[], { requestId, resource }: AnswerNames): Headers {
  const headers = new Headers({ "cache-control": "no-store", "x-request-id": requestId });
  const challenge = challengeOf(errors, resource);
  if (challenge !== null) headers.set("www-authenticate", challenge);
  announceWait(headers, errors);
  return headers;
}

/** Which limits were reached, beside those that calls of the same batch were still allowed by. */
export function announceRefused(headers: Headers, failures: readonly Failure[]): void {
  for (const { error } of failures)
    if (error instanceof Refusal && error.quota !== undefined) announceQuota(headers, error.quota);
}

/**
 * Says of a streamed batch what its calls wished to: by the time they are counted, tRPC has made the headers already.
 *
 * @param said what the calls put into `ctx.responseHeaders`
 */
export async function announceCounts(headers: Headers, said: Headers, counts: WatchedCounts): Promise<void> {
  const refused = await counts.refused();
  for (const name of quotaFields) {
    const value = said.get(name);
    if (value !== null) headers.set(name, value);
  }
  for (const { quota } of refused) if (quota !== undefined) announceQuota(headers, quota);
  announceWait(headers, refused);
}

function announceWait(headers: Headers, errors: readonly TRPCError[]): void {
  const waits = errors.flatMap((error) => retryAfterOf(error) ?? []);
  if (waits.length > 0) headers.set("retry-after", String(Math.ceil(Math.max(...waits))));
}

/** A refusal of ours says when to try again, and so does one that another service gave to us. */
function retryAfterOf(error: TRPCError): number | undefined {
  return "retryAfterSeconds" in error && typeof error.retryAfterSeconds === "number"
    ? error.retryAfterSeconds
    : undefined;
}
