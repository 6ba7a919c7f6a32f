import { createTRPCClient } from "@trpc/client";

import type { Fetch } from "./fetch.ts";
import type { PlatformClient } from "./platform-client.ts";
import { platformLink } from "./platform-link.ts";
import type { PlatformRouter, PlatformRouters } from "./platform-router.ts";
import { cookiesNamed } from "./request-cookies.ts";

export type ForRequestOptions = {
  /** Where the gateway is, as this server reaches it. */
  readonly url: string | URL;
  readonly fetch?: Fetch;
  /**
   * The address that the request came from, as this server knows it. The gateway counts and logs it when this server is one
   * of its trusted proxies; without it, all visitors share this server's address.
   */
  readonly clientAddress?: string;
};

/**
 * A client that calls the services for whoever sent `request`, for a server that renders pages. Of the request it passes on:
 *
 * - the access cookie, by the name under which it came, or else a Bearer token; no other cookie;
 * - `Origin` and `Sec-Fetch-Site`, so that the gateway's cross-site defence holds for what this server changes, too;
 * - `User-Agent` and `Accept-Language`, and the ids by which a request is followed.
 *
 * It renews nothing: the refresh cookie never comes here. When a call is refused with UNAUTHORIZED, `continueUrl` says
 * whether the browser has a way to go first.
 */
export function forRequest<Routers extends PlatformRouters<Routers>>(
  request: Request,
  { url, fetch, clientAddress }: ForRequestOptions,
): PlatformClient<Routers> {
  const headers = headersOf(request.headers, clientAddress);
  const link = platformLink({ url, headers: () => headers, credentials: "omit", ...(fetch && { fetch }) });
  return createTRPCClient<PlatformRouter<Routers>>({ links: [link] });
}

const passedOn = [
  "origin",
  "sec-fetch-site",
  "user-agent",
  "accept-language",
  "x-request-id",
  "traceparent",
  "tracestate",
];

function headersOf(from: Headers, clientAddress: string | undefined): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of passedOn) {
    const value = from.get(name);
    if (value !== null) headers[name] = value;
  }
  const access = cookiesNamed(from.get("cookie"), "auth_token");
  const authorization = from.get("authorization");
  if (access.length > 0) headers["cookie"] = access.join("; ");
  else if (authorization !== null && /^bearer /i.test(authorization)) headers["authorization"] = authorization;
  if (clientAddress !== undefined) headers["x-forwarded-for"] = clientAddress;
  return headers;
}
