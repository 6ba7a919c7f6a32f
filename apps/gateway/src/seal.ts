import { type Answer, type Asked, appendField } from "@countersign/service";
import { allowOrigin } from "./cors.ts";
import type { Credentials } from "./credentials.ts";
import type { Route } from "./routes.ts";

/** What of a request an answer's headers depend on. */
export type Sealing = {
  readonly asked: Asked;
  readonly requestId: string;
  readonly route: Route | null;
  readonly credentials: Credentials | null;
};

export type SealDeps = { readonly publicOrigin: string; readonly allowedOrigins: ReadonlySet<string> };

/**
 * The last word on the headers of every answer. One that took or hands out a credential is never stored; one that a
 * service lets caches keep says that a credential makes a difference (RFC 9111 §4.1); one on which the service said
 * nothing is not left to a cache's guess.
 */
export function createSeal({ publicOrigin, allowedOrigins }: SealDeps): (answer: Answer, sealing: Sealing) => Answer {
  const constant = publicOrigin.startsWith("https:") ? [...protections, ...httpsOnly] : protections;

  return (answer, { asked, requestId, route, credentials }) => {
    const { headers, cookies = [] } = answer;
    const personal = credentials?.authorization !== undefined || credentials?.cookie !== undefined;
    const storing = headers.get("cache-control");
    if (personal || cookies.length > 0 || storing === undefined) headers.set("cache-control", "no-store");
    else if (!/\bno-store\b/i.test(storing) && !isForEveryone(route))
      appendField(headers, "vary", "Authorization, Cookie");
    allowOrigin(asked.headers, headers, allowedOrigins);
    headers.set("x-request-id", requestId);
    for (const [name, value] of constant) headers.set(name, value);
    if (isWeb(route)) headers.set("referrer-policy", "same-origin");
    return answer;
  };
}

/** Under `no-referrer` browsers send the app's own forms with `Origin: null` (Fetch §3.2), which `checkSite` refuses. */
function isWeb(route: Route | null): boolean {
  return route?.face === "web" || route?.face === "asset" || route?.face === "tunnel";
}

/** No credential of ours goes with a request for these, so that none makes a difference. */
function isForEveryone(route: Route | null): boolean {
  return route?.face === "public" || route?.face === "keys" || route?.face === "resource" || route?.face === "asset";
}

const protections = [
  ["x-content-type-options", "nosniff"],
  ["x-frame-options", "DENY"],
  ["referrer-policy", "no-referrer"],
  ["cross-origin-resource-policy", "same-origin"],
] as const;

const httpsOnly = [["strict-transport-security", "max-age=31536000"]] as const;
