import type { ReachDeps } from "../create-reach.ts";
import { toResponse } from "../serve/asked-fetch.ts";
import type { Incoming, Outgoing, Transport } from "./port.ts";

/** How long a service may take until its answer begins, in milliseconds; whoever asks has shorter limits of their own. */
const timeoutMs = 60_000;

/**
 * The part of `fetch` that services ask each other with, over a transport. On Node it costs much less than the runtime's
 * own, which keeps every request until the next full collection. Nothing is followed, decoded or cached, and no cookie is
 * kept. A signal that aborts ends the request within 50 ms.
 *
 * What it gives rejects with the signal's reason, or with a TypeError as `fetch` does: for a redirect, which would carry a
 * token elsewhere, and when no answer began; its cause then is a TransportError.
 */
export function fetchOver({ forward }: Pick<Transport, "forward">): ReachDeps["fetch"] {
  return async (input, init = {}) => {
    if (input instanceof Request) {
      const { url, method, headers, body, signal } = new Request(input, init);
      return await ask(forward, new URL(url), { method, headers, body, signal });
    }
    return await ask(forward, new URL(input), init);
  };
}

async function ask(forward: Transport["forward"], { origin, pathname, search }: URL, init: RequestInit) {
  const { method = "GET", signal } = init;
  const { body, type } = encode(init.body, method);
  const headers = headersOf(init, type);
  const isGone = () => signal?.aborted === true;
  const outgoing = { origin, path: pathname + search, method, headers, body, isGone, timeoutMs };
  try {
    return await accept(await forward(outgoing), signal);
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    throw new TypeError("fetch failed", { cause });
  }
}

type Encoded = { readonly body: Outgoing["body"]; readonly type: string | null };

/** A body as it goes over the wire, and what it says of itself (Fetch §5.2, "extract a body"): text, a form, bytes. */
function encode(given: RequestInit["body"], method: string): Encoded {
  if (given === null || given === undefined) return { body: hasLength(method) ? new Uint8Array() : null, type: null };
  if (typeof given === "string") return { body: new TextEncoder().encode(given), type: textType };
  if (given instanceof URLSearchParams) return { body: new TextEncoder().encode(given.toString()), type: formType };
  if (given instanceof ReadableStream) return { body: given, type: null };
  if (given instanceof Uint8Array) return { body: new Uint8Array(given), type: null };
  throw new TypeError("Services send each other text, forms, bytes and streams of bytes, nothing else.");
}

const textType = "text/plain;charset=UTF-8";
const formType = "application/x-www-form-urlencoded;charset=UTF-8";

/** Where a body has a meaning, its absence is said, too (RFC 9110 §8.6). */
function hasLength(method: string): boolean {
  return method !== "GET" && method !== "HEAD";
}

function headersOf({ headers: given }: RequestInit, type: string | null): Record<string, string> {
  const headers: Record<string, string> = type === null ? {} : { "content-type": type };
  for (const [name, value] of new Headers(given)) if (!ofConnection.has(name)) headers[name] = value;
  return headers;
}

/** The transport's business; `fetch` lets nobody set these either (Fetch §2.2.2). */
const ofConnection: ReadonlySet<string> = new Set(["host", "connection", "content-length", "transfer-encoding"]);

async function accept(incoming: Incoming, signal: RequestInit["signal"]): Promise<Response> {
  const { status, body } = incoming;
  if (redirects.has(status)) {
    if (body instanceof ReadableStream) await body.cancel();
    throw new TypeError("unexpected redirect");
  }
  return toResponse({ ...incoming, body: withoutBody.has(status) ? null : wholeOf(body, signal) });
}

/** The transport ends what nobody waits for in silence; whoever still reads must not take that for the end. */
function wholeOf(body: Incoming["body"], signal: RequestInit["signal"]): Incoming["body"] {
  if (!(body instanceof ReadableStream) || signal === null || signal === undefined) return body;
  const flush = () => signal.throwIfAborted();
  return body.pipeThrough(new TransformStream<Uint8Array, Uint8Array>({ flush }));
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** `Response` takes no body for these (Fetch §2.2.4). */
const withoutBody: ReadonlySet<number> = new Set([204, 205, 304]);
