import type { Answering } from "./asked.ts";
import { toAsked, toResponse } from "./asked-fetch.ts";
import { createEventStreams, trackAnswer, trackResponse } from "./event-streams.ts";
import { type BunPeer, listenOnBun } from "./listen-on-bun.ts";
import type { Fetch, Served, ServeOptions } from "./types.ts";

/** The Bun half of `serve`. */
export function serveOnBun(fetch: Fetch, options: ServeOptions): Promise<Served> {
  const streams = createEventStreams();
  async function answer(request: Request, { address, lasts }: BunPeer): Promise<Response> {
    return trackResponse(await fetch(request, { address }), streams, lasts);
  }
  return listenOnBun({ answer, endStreams: streams.end }, options);
}

/** The Bun half of `serveAnswers`. */
export function serveAnswersOnBun(answering: Answering, options: ServeOptions): Promise<Served> {
  const streams = createEventStreams();
  async function answer(request: Request, { address, path, lasts }: BunPeer): Promise<Response> {
    return toResponse(trackAnswer(await answering(toAsked(request, address, path)), streams, lasts));
  }
  return listenOnBun({ answer, endStreams: streams.end }, options);
}
