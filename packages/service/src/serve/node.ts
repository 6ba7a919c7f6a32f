import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { toAddress } from "./addresses.ts";
import type { Answer, Answering } from "./asked.ts";
import { askedOnNode } from "./asked-on-node.ts";
import { createEventStreams, isEventStream } from "./event-streams.ts";
import { listenOnNode } from "./listen-on-node.ts";
import type { Fetch, Served, ServeOptions } from "./types.ts";
import { writeAnswer } from "./write-answer.ts";

/** The Node half of `serve`. */
export function serveOnNode(fetch: Fetch, options: ServeOptions): Promise<Served> {
  return listenOnNode((lasts) => {
    const streams = createEventStreams();
    const listener = getRequestListener(async (request, env) => {
      const { incoming } = env as HttpBindings; // only an HTTP/1.1 server is ever made
      const response = await fetch(request, { address: toAddress(incoming.socket.remoteAddress) });
      // Not the other way round: to look at the body makes a stream of it
      if (!isEventStream(response.headers.get("content-type")) || response.body === null) return response;
      lasts(incoming.socket);
      return new Response(streams.track(response.body), response);
    });
    // It answers its own failures
    return { answer: (incoming, outgoing) => void listener(incoming, outgoing), endStreams: streams.end };
  }, options);
}

/** The Node half of `serveAnswers`. */
export function serveAnswersOnNode(answering: Answering, options: ServeOptions): Promise<Served> {
  return listenOnNode((lasts) => {
    const streams = createEventStreams();
    function tracked(answered: Answer, { socket }: IncomingMessage): Answer {
      const { body, headers } = answered;
      if (!(body instanceof ReadableStream) || !isEventStream(headers.get("content-type"))) return answered;
      lasts(socket);
      return { ...answered, body: streams.track(body) };
    }
    async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
      try {
        writeAnswer(tracked(await answering(askedOnNode(incoming, outgoing)), incoming), outgoing);
      } catch (error) {
        options.log?.error({ err: error }, "An answer could not be written.");
        outgoing.destroy();
      }
    }
    return { answer: (incoming, outgoing) => void answer(incoming, outgoing), endStreams: streams.end };
  }, options);
}
