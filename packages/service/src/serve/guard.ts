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

function refuse(error: unknown, log: ServeLog | undefined): Response {
  log?.error({ err: error }, "request failed outside the application's own error handling");
  return new Response(null, { status: 500, headers: { "cache-control": "no-store" } });
}
