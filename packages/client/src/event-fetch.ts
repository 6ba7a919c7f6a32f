import type { FetchLike } from "eventsource";

import { type CookieUse, type Fetch, presentOnly } from "./fetch.ts";

export type EventFetchOptions = {
  readonly fetch: Fetch;
  /** Asked anew for every connection, so that a stream which reconnects does so with the token of the day. */
  readonly headers: () => Record<string, string> | Promise<Record<string, string>>;
  readonly credentials: CookieUse;
};

/**
 * The `fetch` with which an EventSource connects. A browser's own EventSource can send no header and tells nobody with
 * which status it was refused; through this one a subscription has both. What a service refuses comes as JSON with a
 * status: here it becomes the event by which tRPC tells of an error, so that its code reaches the caller, and one that may
 * pass (503 and the like) is followed by another attempt, as is an answer from 500 on that nobody can read.
 */
export function toEventFetch({ fetch, headers, credentials }: EventFetchOptions): FetchLike {
  return async (url, init) => {
    const own = { ...init.headers, ...(await headers()) };
    const response = await fetch(url, { ...presentOnly(init), headers: own, credentials });
    return response.status === 200 ? response : refused(response);
  };
}

async function refused(response: Response): Promise<Response> {
  const shape = await readShape(response);
  if (shape !== null) {
    const headers = { "content-type": "text/event-stream" };
    return new Response(`event: serialized-error\ndata: ${JSON.stringify(shape)}\n\n`, { headers });
  }
  if (response.status >= 500) throw new Error(`No stream of events, but status ${response.status}.`);
  return new Response(null, { status: response.status });
}

/** The error of a tRPC answer; null for any other body. */
async function readShape(response: Response): Promise<object | null> {
  try {
    const body: unknown = await response.json();
    const error: unknown = typeof body === "object" && body !== null && "error" in body ? body.error : null;
    return typeof error === "object" ? error : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null; // a proxy's page, say
    throw error;
  }
}
