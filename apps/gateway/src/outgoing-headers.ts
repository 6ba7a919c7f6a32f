import { assertionHeader } from "@countersign/context";
import type { Asked } from "@countersign/service";
import type { GatewayDeps } from "./deps.ts";
import { limitForeignTrace } from "./foreign-trace.ts";
import type { Passage } from "./passage.ts";
import type { PassingRoute } from "./routes.ts";
import { goesOn, hopByHopOf } from "./strip-headers.ts";
import type { Identified } from "./trust/identify.ts";

/** Builds the headers that a service sees. */
export type HeadersOf = (headers: Asked["headers"], passage: Passage) => Promise<ProxyHeaders>;

/** By lower-case name. */
type ProxyHeaders = Record<string, string>;

/**
 * What the client sent, less what ends here, and the gateway's own word: the credential in its one form, the client's
 * address, the public origin, the request's id. An upstream below `/api/` gets no credential, but who is calling, signed;
 * a service that takes the gateway's word gets both.
 */
export function createHeadersOf({ publicOrigin, assertions }: GatewayDeps): HeadersOf {
  const { protocol, host } = new URL(publicOrigin);
  const proto = protocol.slice(0, -1);

  async function vouch(headers: ProxyHeaders, route: PassingRoute, { user, token }: Identified): Promise<void> {
    if (assertions === undefined) return;
    headers[assertionHeader] = await assertions.sign(audienceOf(route), user, token);
    if (route.face !== "api") return; // a service of ours reads what is signed, and nothing else
    headers["x-user-id"] = user.id;
    headers["x-user-roles"] = user.roles.join(",");
  }

  return async (asked, passage) => {
    const { credentials, caller, requestId, trace, route, identified } = passage;
    const hopByHop = hopByHopOf(asked.get("connection"));
    const headers: ProxyHeaders = {};
    for (const [name, value] of asked) if (goesOn(name, hopByHop)) headers[name] = value;
    if (!caller.vouchedFor) limitForeignTrace(headers);
    if (credentials.authorization !== undefined && route.face !== "api") {
      headers["authorization"] = credentials.authorization;
    }
    const cookies = [credentials.cookie, credentials.appCookie].filter((cookie) => cookie !== undefined);
    if (cookies.length > 0) headers["cookie"] = cookies.join("; ");
    if (caller.address !== "") headers["x-forwarded-for"] = caller.address;
    headers["x-forwarded-proto"] = proto;
    headers["x-forwarded-host"] = host;
    headers["x-request-id"] = requestId;
    headers["traceparent"] = trace.traceparent;
    if (route.face === "api") headers["x-forwarded-prefix"] = `/api/${route.api}`;
    if (identified !== null) await vouch(headers, route, identified);
    return headers;
  };
}

/** Whom an assertion is for: an upstream by its name below `/api/`, a service by its own. */
function audienceOf(route: PassingRoute): string {
  if (route.face === "api") return route.api;
  return "service" in route ? route.service : route.face;
}
