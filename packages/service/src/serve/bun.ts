import type { Answering } from "./asked.ts";
import { toAsked, toResponse } from "./asked-fetch.ts";
import { createEventStreams, isEventStream } from "./event-streams.ts";
import { listenOnBun } from "./listen-on-bun.ts";
import type { Fetch, Served, ServeOptions } from "./types.ts";

/** The Bun half of `serve`. */
export function serveOnBun(fetch: Fetch, options: ServeOptions): Promise<Served> {
  const streams = createEventStreams();
  async function answer(request: Request, address: string, lasts: () => void): Promise<Response> {
    const response = await fetch(request, { address });
    if (!isEventStream(response.headers.get("content-type")) || response.body === null) return response;
    lasts();
    return new Response(streams.track(response.body), response);
  }
  return listenOnBun({ answer, endStreams: streams.end }, options);
}

/** The Bun half of `serveAnswers`. */
export function serveAnswersOnBun(answering: Answering, options: ServeOptions): Promise<Served> {
  const streams = createEventStreams();
  async function answer(request: Request, address: string, lasts: () => void): Promise<Response> {
    const answered = await answering(toAsked(request, address));
    const { body } = answered;
    if (!(body instanceof ReadableStream)) return toResponse(answered);
    if (!isEventStream(answered.headers.get("content-type"))) return toResponse(answered);
    lasts();
    return toResponse({ ...answered, body: streams.track(body) });
  }
  return listenOnBun({ answer, endStreams: streams.end }, options);
}
