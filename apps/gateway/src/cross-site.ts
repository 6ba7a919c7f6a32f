import { Refusal } from "@countersign/context";
import type { Asked } from "@countersign/service";

/**
 * Refuses a request that another site's page may have caused (CSRF): one that may change something, without an
 * Authorization header of its own, which no page can add to a request to another site unasked. Sign-in and registration
 * are no exception: a page that signs its visitor in as somebody else gathers what the visitor then does.
 *
 * `Origin` must be the public one or an allowed one; without it, or with the public one, `Sec-Fetch-Site` must not say
 * that another site is behind the request. A client that is no browser sends neither and passes.
 *
 * @throws {Refusal} FORBIDDEN
 */
export function checkSite(headers: Asked["headers"], publicOrigin: string, allowedOrigins: ReadonlySet<string>): void {
  const origin = headers.get("origin");
  if (origin !== undefined && allowedOrigins.has(origin)) return;
  const site = headers.get("sec-fetch-site");
  const foreignOrigin = origin !== undefined && origin !== publicOrigin;
  const foreignSite = site !== undefined && site !== "same-origin" && site !== "none";
  if (!foreignOrigin && !foreignSite) return;
  const message = `This may only be called from pages of ${publicOrigin}, or with an Authorization header.`;
  throw new Refusal("FORBIDDEN", message, { reason: foreignOrigin ? "foreign_origin" : "foreign_site" });
}

/**
 * Refuses a WebSocket that another site's page opens: browsers let every page open one, send cookies along, and name its
 * origin (RFC 6455 §10.2). A client that is no browser names none and passes.
 *
 * @throws {Refusal} FORBIDDEN
 */
export function checkWebSocketOrigin(
  headers: Asked["headers"],
  publicOrigin: string,
  allowedOrigins: ReadonlySet<string>,
): void {
  const origin = headers.get("origin");
  if (origin === undefined || origin === publicOrigin || allowedOrigins.has(origin)) return;
  const message = `A WebSocket may only be opened from pages of ${publicOrigin}.`;
  throw new Refusal("FORBIDDEN", message, { reason: "foreign_origin" });
}

/** RFC 9110 §9.2.1. tRPC answers queries only to GET, so that these change nothing. */
export function isSafe(method: string): boolean {
  return method === "GET" || method === "HEAD" || method === "OPTIONS";
}
