import { isIdentityHeader } from "./identity-headers.ts";

/**
 * Whether a header of a request goes on to a service. Kept back are the headers of this hop (RFC 9110 §7.6.1), those
 * that carry a credential or the framing, which the gateway sets itself, and everything that a service might take for a
 * word of the gateway's on who is calling: in any spelling, because `X_User_Id` and `x-user-id` are one variable to CGI
 * and its heirs.
 */
export function goesOn(name: string, hopByHop: ReadonlySet<string>): boolean {
  return !ours.has(name) && !hopByHop.has(name) && plainName.test(name) && !isIdentityHeader(name);
}

/** Whether a header of an answer goes back to the client. CORS is decided at the gateway alone. */
export function goesBack(name: string, hopByHop: ReadonlySet<string>): boolean {
  return !hopByHop.has(name) && !name.startsWith("access-control-") && !aboutServer.has(name);
}

/** The headers that end here: the fixed ones, and those that the Connection header, if there is one, names. */
export function hopByHopOf(connection: string | undefined): ReadonlySet<string> {
  if (connection === undefined || /^(keep-alive|close)$/i.test(connection)) return hopByHopHeaders;
  return new Set([...hopByHopHeaders, ...connection.split(",").map((option) => option.trim().toLowerCase())]);
}

const hopByHopHeaders: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authentication-info",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
]);

const ours: ReadonlySet<string> = new Set(["authorization", "cookie", "content-length", "expect", "host", "via"]);

const aboutServer: ReadonlySet<string> = new Set(["server", "x-powered-by", "via", "x-request-id"]);

/** A name of letters, digits and single hyphens: any other character is a hyphen to somebody. */
const plainName = /^[a-z0-9]+(-[a-z0-9]+)*$/;
