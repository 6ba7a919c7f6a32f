/**
 * Answers a preflight (Fetch §4.8): for an allowed origin with what it may send (`allowOrigin` adds that it may), for
 * every other with a bare 403. Null for anything that is no preflight.
 */
export function answerPreflight(request: Request, allowedOrigins: ReadonlySet<string>): Response | null {
  const { method, headers } = request;
  if (method !== "OPTIONS" || !headers.has("origin") || !headers.has("access-control-request-method")) return null;
  if (!allowedOrigins.has(headers.get("origin") ?? "")) return new Response(null, { status: 403 });
  const answer = new Headers();
  answer.set(
    "access-control-allow-methods",
    isApi(request.url) ? "GET, HEAD, POST, PUT, PATCH, DELETE" : "GET, HEAD, POST",
  );
  answer.set("access-control-allow-headers", allowedHeaders);
  answer.set("access-control-max-age", "600");
  return new Response(null, { status: 204, headers: answer });
}

/** Only upstreams below `/api/` have more methods than these three. */
function isApi(url: string): boolean {
  return URL.parse(url)?.pathname.startsWith("/api/") ?? false;
}

/** Lets the page of an allowed origin read the answer. Services have no say in this. */
export function allowOrigin(request: Headers, answer: Headers, allowedOrigins: ReadonlySet<string>): void {
  const origin = request.get("origin");
  if (allowedOrigins.size > 0) answer.append("vary", "Origin");
  if (origin === null || !allowedOrigins.has(origin)) return;
  answer.set("access-control-allow-origin", origin);
  answer.set("access-control-allow-credentials", "true");
  answer.set(
    "access-control-expose-headers",
    "x-request-id, retry-after, ratelimit, ratelimit-policy, www-authenticate",
  );
}

const allowedHeaders = "authorization, content-type, trpc-accept, last-event-id, traceparent, tracestate";
