import type { Arrived } from "@countersign/service";

/** Where a request came from, for the audit log, the limits and the list of a user's sessions; never an identity. */
export type Requester = {
  readonly requestId: string;
  /** The client's address as far as trusted proxies vouch for it. */
  readonly address: string;
  readonly userAgent: string | null;
};

const longestUserAgent = 256;

/** Reads the requester from what a face knows of a request, for example a procedure's `ctx`. */
export function requesterOf({ requestId, address, request }: Arrived): Requester {
  const userAgent = request.headers.get("user-agent")?.slice(0, longestUserAgent) ?? null;
  return { requestId, address, userAgent };
}
