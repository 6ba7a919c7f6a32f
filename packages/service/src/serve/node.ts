import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { toAddress } from "./addresses.ts";
import type { Answering } from "./asked.ts";
import { askedOnNode } from "./asked-on-node.ts";
import { createEventStreams, trackAnswer, trackResponse } from "./event-streams.ts";
import { listenOnNode } from "./listen-on-node.ts";
import { createTunnels } from "./tunnels-on-node.ts";
import type { Fetch, Served, ServeOptions } from "./types.ts";
import { writeAnswer } from "./write-answer.ts";

/** The Node half of `serve`. */
export function serveOnNode(fetch: Fetch, options: ServeOptions): Promise<Served> {
  return listenOnNode((lasts) => {
    const streams = createEventStreams();
    const listener = getRequestListener(async (request, env) => {
      const { incoming } = env as HttpBindings; // only an HTTP/1.1 server is ever made
      const response = await fetch(request, { address: toAddress(incoming.socket.remoteAddress) });
      return trackResponse(response, streams, () => {
        lasts(incoming.socket);
        return undefined;
      });
    });
    // It answers its own failures
    return { answer: (incoming, outgoing) => void listener(incoming, outgoing), endStreams: streams.end };
  }, options);
}

/** The Node half of `serveAnswers`. */
export function serveAnswersOnNode(answering: Answering, options: ServeOptions): Promise<Served> {
  return listenOnNode((lasts) => {
    const streams = createEventStreams();
    const tunnels = createTunnels(answering);
    async function upgrade(...[incoming, client, head]: Parameters<typeof tunnels.upgrade>): Promise<void> {
      try {
        await tunnels.upgrade(incoming, client, head);
      } catch (error) {
        options.log?.error({ err: error }, "A WebSocket could not be opened.");
        client.destroy();
      }
    }
    async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
      try {
        const answered = await answering(askedOnNode(incoming, outgoing));
        writeAnswer(
          trackAnswer(answered, streams, () => {
            lasts(incoming.socket);
            return undefined;
          }),
          outgoing,
        );
      } catch (error) {
        options.log?.error({ err: error }, "An answer could not be written.");
        outgoing.destroy();
      }
    }
    return {
      answer: (incoming, outgoing) => void answer(incoming, outgoing),
      upgrade: (incoming, client, head) => void upgrade(incoming, client, head),
      endStreams: () => {
        streams.end();
        tunnels.end();
      },
    };
  }, options);
}
