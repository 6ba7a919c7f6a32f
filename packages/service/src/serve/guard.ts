import type { Answering } from "./asked.ts";
import type { Fetch, ServeLog } from "./types.ts";

/**
 * The last net under an application: what it throws is logged here and never reaches the peer. And one check before it
 * that neither runtime makes: a request with two Host headers is for nobody (RFC 9112 §3.2).
 */
export function guard(fetch: Fetch, log: ServeLog | undefined): Fetch {
  return (request, peer) => {
    try {
      if (request.headers.get("host")?.includes(",") === true) return new Response(null, { status: 400 });
      const response = fetch(request, peer);
      return response instanceof Promise ? response.catch((error: unknown) => refuse(error, log)) : response;
    } catch (error) {
      return refuse(error, log);
    }
  };
}

/**
 * The last net under an application that answers: what it throws is logged here and never reaches the peer. Before it,
 * the one check that neither runtime makes in full: a request is for one host, in the form of one (RFC 9112 §3.2).
 */
export function guardAnswers(answer: Answering, log: ServeLog | undefined): Answering {
  return async (asked) => {
    if (!isHost(asked.headers.get("host"))) return { status: 400, headers: new Map(), body: null };
    try {
      return await answer(asked);
    } catch (error) {
      report(error, log);
      return { status: 500, headers: new Map([["cache-control", "no-store"]]), body: null };
    }
  };
}

function refuse(error: unknown, log: ServeLog | undefined): Response {
  report(error, log);
  return new Response(null, { status: 500, headers: { "cache-control": "no-store" } });
}

function report(error: unknown, log: ServeLog | undefined): void {
  log?.error({ err: error }, "request failed outside the application's own error handling");
}

function isHost(host: string | undefined): boolean {
  return host !== undefined && /^([\w.~-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i.test(host);
}
