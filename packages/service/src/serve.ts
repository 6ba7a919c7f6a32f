import type { Answering } from "./serve/asked.ts";
import { serveAnswersOnBun, serveOnBun } from "./serve/bun.ts";
import { guard, guardAnswers } from "./serve/guard.ts";
import { serveAnswersOnNode, serveOnNode } from "./serve/node.ts";
import type { Fetch, Served, ServeOptions } from "./serve/types.ts";

export { toUrl } from "./serve/addresses.ts";
export type { Answer, Answering, Asked } from "./serve/asked.ts";
export { toFetch } from "./serve/asked-fetch.ts";
export { isEventStream, watchEnd } from "./serve/event-streams.ts";
export { limitReader } from "./serve/limit-reader.ts";
export { ListenError } from "./serve/listen-error.ts";
export type { Fetch, ListenerLimits, Peer, Served, ServeOptions } from "./serve/types.ts";

/**
 * Listens for HTTP and hands every request to `fetch`, on Node (`@hono/node-server`) and on Bun (`Bun.serve`) alike.
 *
 * `fetch` gets the request and `{ address }`, the peer's IP address as text (an IPv4 peer of a dual-stack socket is
 * given as IPv4). A Hono app's `app.fetch` fits: `address` is then `c.env.address`. An error that `fetch` throws is
 * logged and answered with a bare 500.
 *
 * Resolves once the port is bound: `port` is the real one when 0 was asked for, `url` an origin that reaches it.
 * `stop()` accepts nothing new, ends streams of events in good order, answers what still comes on the connections that
 * it has with `connection: close`, closes those that stay idle after a quarter of a second, lets requests in flight end
 * for `drainMs` (milliseconds, 8000 by default, 9000 at most), then cuts the rest; it always resolves, within 10 seconds.
 *
 * @throws {ListenError} `port_in_use`, `port_forbidden`, `host_unknown` or `listen_failed`, with a message for whoever starts it.
 */
export function serve(fetch: Fetch, options: ServeOptions): Promise<Served> {
  const guarded = guard(fetch, options.log);
  return "Bun" in globalThis ? serveOnBun(guarded, options) : serveOnNode(guarded, options);
}

/**
 * Listens as `serve` does, for an application that passes requests on: it gets what was asked without a `Request` around
 * it, and gives an `Answer` instead of a `Response`.
 *
 * @throws {ListenError} as `serve`
 */
export function serveAnswers(answering: Answering, options: ServeOptions): Promise<Served> {
  const guarded = guardAnswers(answering, options.log);
  return "Bun" in globalThis ? serveAnswersOnBun(guarded, options) : serveAnswersOnNode(guarded, options);
}
