import type { Answer, Answering } from "./asked.ts";
import { isKnownCoding } from "./refuse-coding.ts";
import type { Fetch, ServeLog } from "./types.ts";

/**
 * The last net under an application: what it throws is logged here and never reaches the peer. Before it, checks that
 * neither runtime makes in full: a request is for one host (RFC 9112 §3.2), and its body in chunks and nothing else (§6.1).
 */
export function guard(fetch: Fetch, log: ServeLog | undefined): Fetch {
  return (request, peer) => {
    try {
      if (request.headers.get("host")?.includes(",") === true) return new Response(null, refusal(400));
      if (!isKnownCoding(request.headers.get("transfer-encoding"))) return new Response(null, refusal(501));
      const response = fetch(request, peer);
      return response instanceof Promise ? response.catch((error: unknown) => refuse(error, log)) : response;
    } catch (error) {
      return refuse(error, log);
    }
  };
}

/** The same net and the same checks for an application that answers; the host also has to be in the form of one. */
export function guardAnswers(answer: Answering, log: ServeLog | undefined): Answering {
  return async (asked) => {
    if (!isHost(asked.headers.get("host"))) return bare(400);
    if (!isKnownCoding(asked.headers.get("transfer-encoding"))) return bare(501);
    try {
      return await answer(asked);
    } catch (error) {
      report(error, log);
      return { status: 500, headers: new Map([["cache-control", "no-store"]]), body: null };
    }
  };
}

function bare(status: number): Answer {
  const { headers } = refusal(status);
  return { status, headers: new Map(Object.entries(headers)), body: null };
}

/** The connection ends with it: where the next request begins is not known for certain. */
function refusal(status: number) {
  return { status, headers: { "cache-control": "no-store", connection: "close" } };
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
