import { allowOrigin } from "./cors.ts";
import type { Credentials } from "./credentials.ts";
import type { Route } from "./routes.ts";

/** What an answer's headers depend on. */
export type Sealing = {
  readonly request: Request;
  readonly requestId: string;
  readonly route: Route | null;
  readonly credentials: Credentials | null;
  readonly publicOrigin: string;
  readonly allowedOrigins: ReadonlySet<string>;
};

/**
 * The last word on the headers of every answer. One that took or hands out a credential is never stored; one that a
 * service lets caches keep says that a credential makes a difference (RFC 9111 §4.1); one on which the service said
 * nothing is not left to a cache's guess.
 */
export function seal(response: Response, sealing: Sealing): Response {
  const { request, requestId, route, credentials, publicOrigin, allowedOrigins } = sealing;
  const { headers } = response;
  const personal = credentials?.authorization !== undefined || credentials?.cookie !== undefined;
  if (personal || headers.has("set-cookie") || !headers.has("cache-control")) headers.set("cache-control", "no-store");
  const cacheable = !/\bno-store\b/i.test(headers.get("cache-control") ?? "");
  if (cacheable && !isForEveryone(route)) headers.append("vary", "Authorization, Cookie");
  allowOrigin(request.headers, headers, allowedOrigins);
  headers.set("x-request-id", requestId);
  for (const [name, value] of protections) headers.set(name, value);
  if (publicOrigin.startsWith("https:")) headers.set("strict-transport-security", "max-age=31536000");
  return response;
}

/** No credential goes with a request for these, so that none makes a difference. */
function isForEveryone(route: Route | null): boolean {
  return route?.face === "public" || route?.face === "keys" || route?.face === "asset";
}

const protections = [
  ["x-content-type-options", "nosniff"],
  ["x-frame-options", "DENY"],
  ["referrer-policy", "no-referrer"],
  ["cross-origin-resource-policy", "same-origin"],
] as const;
