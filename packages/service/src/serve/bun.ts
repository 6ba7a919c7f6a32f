import type { Answer, Answering } from "./asked.ts";
import { toAsked, toResponse } from "./asked-fetch.ts";
import { createEventStreams, trackAnswer, trackResponse, watchEnd } from "./event-streams.ts";
import { type BunPeer, listenOnBun } from "./listen-on-bun.ts";
import type { Fetch, Served, ServeOptions } from "./types.ts";

/** The Bun half of `serve`. */
export function serveOnBun(fetch: Fetch, options: ServeOptions): Promise<Served> {
  const streams = createEventStreams();
  async function answer(request: Request, { address, streamBegins }: BunPeer): Promise<Response> {
    return trackResponse(await fetch(request, { address }), streams, streamBegins);
  }
  return listenOnBun({ answer, endStreams: streams.end }, options);
}

/** The Bun half of `serveAnswers`. */
export function serveAnswersOnBun(answering: Answering, options: ServeOptions): Promise<Served> {
  const streams = createEventStreams();
  async function answer(request: Request, peer: BunPeer): Promise<Response | undefined> {
    const { address, path, streamBegins, hold } = peer;
    const answered = await answering(toAsked(request, address, path));
    if (answered.tunnel !== undefined) return peer.upgrade(answered, answered.tunnel);
    const tracked = trackAnswer(answered, streams, streamBegins);
    return toResponse(tracked === answered ? held(answered, hold) : tracked);
  }
  return listenOnBun({ answer, endStreams: streams.end }, options);
}

/** A long body keeps its place among the requests of its address until it is over. */
function held(answer: Answer, hold: BunPeer["hold"]): Answer {
  const { body } = answer;
  return body instanceof ReadableStream ? { ...answer, body: watchEnd(body, hold()) } : answer;
}
