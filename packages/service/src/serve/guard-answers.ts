import type { Answering } from "./asked.ts";
import type { ServeLog } from "./types.ts";

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
      log?.error({ err: error }, "request failed outside the application's own error handling");
      return { status: 500, headers: new Map([["cache-control", "no-store"]]), body: null };
    }
  };
}

function isHost(host: string | undefined): boolean {
  return host !== undefined && /^([\w.~-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i.test(host);
}
