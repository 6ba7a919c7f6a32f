import { type Answer, type Asked, appendField } from "@countersign/service";
import { readTarget } from "./target.ts";

/**
 * Answers a preflight (Fetch §4.8): for an allowed origin with what it may send (`allowOrigin` adds that it may), for
 * every other with a bare 403. Null for anything that is no preflight.
 */
export function answerPreflight(asked: Asked, allowedOrigins: ReadonlySet<string>): Answer | null {
  const { method, headers } = asked;
  if (method !== "OPTIONS" || !headers.has("origin") || !headers.has("access-control-request-method")) return null;
  if (!allowedOrigins.has(headers.get("origin") ?? "")) return { status: 403, headers: new Map(), body: null };
  const methods = isOurs(asked.target) ? "GET, HEAD, POST" : "GET, HEAD, POST, PUT, PATCH, DELETE";
  const answer = new Map([
    ["access-control-allow-methods", methods],
    ["access-control-allow-headers", allowedHeaders],
    ["access-control-max-age", "600"],
  ]);
  return { status: 204, headers: answer, body: null };
}

/** Upstreams, the web app and receivers have more methods than these three. */
function isOurs(target: string): boolean {
  return /^\/(trpc|auth|oauth|\.well-known)\//.test(readTarget(target)?.pathname ?? "");
}

/** Lets the page of an allowed origin read the answer. Services have no say in this. */
export function allowOrigin(
  asked: Asked["headers"],
  answer: Answer["headers"],
  allowedOrigins: ReadonlySet<string>,
): void {
  const origin = asked.get("origin");
  if (allowedOrigins.size > 0) appendField(answer, "vary", "Origin");
  if (origin === undefined || !allowedOrigins.has(origin)) return;
  answer.set("access-control-allow-origin", origin);
  answer.set("access-control-allow-credentials", "true");
  answer.set(
    "access-control-expose-headers",
    "x-request-id, retry-after, ratelimit, ratelimit-policy, www-authenticate",
  );
}

/** What tRPC's links, tracing in pages and retrying clients send. `limitForeignTrace` says which of it goes on. */
const allowedHeaders = [
  ["authorization", "content-type", "idempotency-key", "last-event-id"],
  ["trpc-accept", "x-trpc-source"],
  ["baggage", "sentry-trace", "traceparent", "tracestate"],
]
  .flat()
  .join(", ");
