import { codeOf } from "./code-of.ts";
import { cookiesNamed } from "./request-cookies.ts";
import { readHint } from "./session-hint.ts";

/**
 * Where a server that renders pages sends the browser before the page, with 303: to `/auth/continue`, which gets the refresh
 * cookie, and from there back here with a new pair. Null when the page is to be rendered now: the access token is there, or
 * there is no session to renew, or the browser comes from there already and is never sent twice.
 *
 * Behind a gateway, which turns the access cookie into a Bearer token, it does the same: auth's hints come along.
 *
 * Asked before anything is rendered it knows by the cookies that the access token has gone; asked again with the error of a
 * call, that it is good no longer.
 */
export function continueUrl(request: Request, error?: unknown): string | null {
  if (!isNavigation(request)) return null;
  const cookies = request.headers.get("cookie");
  if (cookies === null || cookiesNamed(cookies, "continued").length > 0) return null;
  const hasToken = cookiesNamed(cookies, "auth_token").length > 0 || request.headers.has("authorization");
  const hasSession = readHint(cookies) !== null;
  const hasEnded =
    error === undefined ? hasSession && !hasToken : codeOf(error) === "UNAUTHORIZED" && (hasSession || hasToken);
  const { pathname, search } = new URL(request.url);
  return hasEnded && isPlain(pathname, search) ? `/auth/continue?to=${encodeURIComponent(pathname + search)}` : null;
}

/**
 * A script's request cannot go there and back, nor can a form's: what it sent would be lost on the way. `Sec-Fetch-Dest`
 * tells a page from all else (Fetch Metadata); `Sec-Fetch-Mode` would too, but Node's fetch sends that as well.
 */
function isNavigation({ method, headers }: Request): boolean {
  return method === "GET" && (headers.get("sec-fetch-dest") ?? "document") === "document";
}

/** Auth sends nobody back to a path that could be read in more ways than one, nor to its own. */
function isPlain(pathname: string, search: string): boolean {
  if (search.includes("\\") || pathname.length + search.length > longest) return false;
  try {
    return plain.test(decodeURIComponent(pathname));
  } catch (error) {
    if (error instanceof URIError) return false; // half an escape, or no UTF-8
    throw error;
  }
}

/** As auth has it. */
const longest = 2_048;

/** Decoded: one slash first, nothing that would be decoded again, no dot segments, backslashes or control characters. */
const plain = /^\/(?!\/|auth(?:\/|$))(?!.*\/\.\.?(?:\/|$))[^%\\\p{Cc}]*$/iu;
