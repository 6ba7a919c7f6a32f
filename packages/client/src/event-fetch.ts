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
 * status: here it becomes the event by which tRPC tells of an error, so that its code reaches the caller. What may pass
 * (429, 503 and the like) is followed by another attempt, no earlier than `Retry-After` says, as is such a status with a
 * body that nobody can read.
 */
export function toEventFetch({ fetch, headers, credentials }: EventFetchOptions): FetchLike {
  return async (url, init) => {
    const own = { ...init.headers, ...(await headers()) };
    const response = await fetch(url, { ...presentOnly(init), headers: own, credentials });
    return response.status === 200 ? response : refused(response, init.signal);
  };
}

async function refused(response: Response, signal: unknown): Promise<Response> {
  const { status } = response;
  const mayPass = status === 429 || status >= 500;
  const shape = await readShape(response);
  if (shape !== null) {
    const told = status === 429 ? { ...shape, code: askAgain } : shape;
    const event = `event: serialized-error\ndata: ${JSON.stringify(told)}\n\n`;
    const body = mayPass ? lasting(event, waitOf(response), signal) : event;
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  }
  if (mayPass) throw new Error(`No stream of events, but status ${status}.`);
  return new Response(null, { status });
}

/** SERVICE_UNAVAILABLE: tRPC's link asks again for codes of 500 and above only. The caller's `data.code` stays. */
const askAgain = -32603;
/** An EventSource waits so long by itself after a connection has ended. */
const ownWaitMs = 3_000;
const longestWaitMs = 60_000;

/** How much longer than it does by itself the EventSource has to wait. */
function waitOf({ headers }: Response): number {
  const told = Number(headers.get("retry-after") ?? 0) * 1000; // a date, which none of ours sends, is NaN
  return told > ownWaitMs ? Math.min(told, longestWaitMs) - ownWaitMs : 0;
}

/** A connection that says one thing, and ends when it is time to make another. */
function lasting(event: string, ms: number, signal: unknown): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(event));
      const end = (): void => {
        clearTimeout(timer);
        if (signal instanceof AbortSignal) signal.removeEventListener("abort", end);
        controller.close();
      };
      const timer = setTimeout(end, ms);
      if (signal instanceof AbortSignal) signal.addEventListener("abort", end);
    },
  });
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
