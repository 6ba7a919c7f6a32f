import type { ServiceName } from "@countersign/access";
import { createParser, type EventSourceMessage } from "eventsource-parser";

import type { Fetch } from "../fetch.ts";
import { ServiceCallError } from "./call-error.ts";
import type { ServiceTokens } from "./tokens.ts";
import { within } from "./within.ts";

export type ServiceStreamsDeps = {
  readonly tokens: ServiceTokens;
  readonly fetch: Fetch;
  /** Where each callee is reached. */
  readonly origins: Readonly<Partial<Record<ServiceName, string>>>;
  /** How long the callee may be silent before it counts as gone, in milliseconds; 15 seconds unless told. */
  readonly silenceMs?: number;
};

/** Which subscription to follow. */
export type ServiceStream = {
  readonly callee: ServiceName;
  /** The subscription's path in the callee's router. */
  readonly path: string;
  /** The id of the last item that was received; without it the callee begins where it likes. */
  readonly lastEventId?: string | undefined;
  /** Ends the stream; what waits for the next item then rejects. */
  readonly signal: AbortSignal;
};

/** One item: what the callee yielded, with its id where the callee tracks it. */
export type StreamedItem = { readonly id?: string; readonly data: unknown };

/**
 * Follows a tRPC subscription of another service over Server-Sent Events, with our own token for exactly that service.
 * Ends when the callee ends it; the one that follows reconnects by calling again with the last id.
 *
 * @throws {ServiceCallError} SERVICE_UNAVAILABLE when the callee refuses, breaks off or falls silent
 */
export type ServiceStreams = (stream: ServiceStream) => AsyncGenerator<StreamedItem, void, undefined>;

/** Streams for one service; a token that the callee refuses is replaced, and the stream asked for once more. */
export function createServiceStreams(deps: ServiceStreamsDeps): ServiceStreams {
  const silenceMs = deps.silenceMs ?? 15_000;
  return async function* (stream) {
    const ending = new AbortController();
    const signal = AbortSignal.any([stream.signal, ending.signal]);
    try {
      const response = await within({ ms: silenceMs, signal }, () => open(deps, stream, signal));
      for await (const message of readMessages(response, (read) => within({ ms: silenceMs, signal }, read))) {
        const item = toItem(message);
        if (item !== null) yield item;
      }
    } catch (cause) {
      if (cause instanceof ServiceCallError) throw cause;
      throw new ServiceCallError(stream.callee, "SERVICE_UNAVAILABLE", { cause });
    } finally {
      ending.abort(); // also when whoever reads has enough: the connection ends with it
    }
  };
}

async function open(deps: ServiceStreamsDeps, stream: ServiceStream, signal: AbortSignal): Promise<Response> {
  const token = await deps.tokens.tokenFor(stream.callee);
  const response = await request(deps, stream, { token, signal });
  if (response.status !== 401) return checked(response);
  await response.body?.cancel();
  deps.tokens.drop(stream.callee, token);
  const fresh = await deps.tokens.tokenFor(stream.callee);
  return checked(await request(deps, stream, { token: fresh, signal }));
}

function request(
  { origins, fetch }: ServiceStreamsDeps,
  { callee, path, lastEventId }: ServiceStream,
  { token, signal }: { readonly token: string; readonly signal: AbortSignal },
): Promise<Response> {
  const headers = {
    accept: "text/event-stream",
    authorization: `Bearer ${token}`,
    ...(lastEventId === undefined || lastEventId === "" ? {} : { "last-event-id": lastEventId }),
  };
  // a redirect would carry the token elsewhere
  return fetch(new URL(`/trpc/${path}`, origins[callee]), { headers, redirect: "error", signal });
}

function checked(response: Response): Response {
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
  if (response.ok && isStream && response.body !== null) return response;
  throw new Error(`no stream of events, but status ${response.status}`);
}

/** Reads the body to its end. `patiently` bounds the wait for the next bytes, not the time that our reader takes. */
async function* readMessages(
  { body }: Response,
  patiently: <T>(read: () => Promise<T>) => Promise<T>,
): AsyncGenerator<EventSourceMessage, void, undefined> {
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = body?.getReader();
  if (reader === undefined) return;
  const messages: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => void messages.push(message) });
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await patiently(() => reader.read());
    if (done) return;
    parser.feed(decoder.decode(value, { stream: true }));
    yield* messages.splice(0);
  }
}

/** The events that tRPC names are its own affairs, except an error; those without a name are what was yielded. */
function toItem({ event, id, data }: EventSourceMessage): StreamedItem | null {
  if (event === "serialized-error") throw new Error(`the callee refused: ${codeIn(data)}`);
  if (event !== undefined) return null;
  const parsed: unknown = JSON.parse(data);
  return id === undefined || id === "" ? { data: parsed } : { id, data: parsed };
}

/** The code of an error, and nothing else that another service may have written. */
function codeIn(data: string): string {
  return /"code":"([A-Z_]{1,40})"/.exec(data)?.[1] ?? "unknown";
}
