/** Where a request came from, for the audit log, the limits and the list of a user's sessions; never an identity. */
export type Requester = {
  readonly requestId: string;
  /** The client's address as far as trusted proxies vouch for it. */
  readonly address: string;
  readonly userAgent: string | null;
};

/** What the faces know of a request: a procedure's `ctx`, or the like of it. */
type Arrived = { readonly requestId: string; readonly address: string; readonly request: Request };

const longestUserAgent = 256;

/** Reads the requester from a request's context. */
export function requesterOf({ requestId, address, request }: Arrived): Requester {
  const userAgent = request.headers.get("user-agent")?.slice(0, longestUserAgent) ?? null;
  return { requestId, address, userAgent };
}
