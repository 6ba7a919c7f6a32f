import { createHash } from "node:crypto";
import { cookieValues, expireNamesakes } from "@countersign/service";
import { serialize } from "hono/utils/cookie";
import type { Issued } from "./issued.ts";

/** The cookies that carry a session in a browser, for one public origin. */
export type SessionCookies = {
  /** Set-Cookie values for what was issued. */
  set(issued: Issued): readonly string[];
  /** Set-Cookie values that remove all of them. */
  clear(): readonly string[];
  /** The Set-Cookie value by which a server that renders pages knows that the browser was just at `/auth/continue`. */
  readonly continued: string;
  /** Every distinct value under the name of the refresh cookie: others may have set cookies of that name as well. */
  readRefresh(header: string | null): readonly string[];
  /** Set-Cookie values that remove what others set under that name, where a request brought it more than once. */
  clearNamesakes(request: Request): readonly string[];
};

/**
 * Access and refresh cookie are HttpOnly. The refresh cookie goes to `/auth` alone and to no request that another site
 * started. The hint is no credential: it lasts as long as the refresh cookie and tells a page, and a server that renders
 * one, that there is a session, which of its generations is the newest, and when the access token ends. Over https the
 * prefix `__Host-` keeps a sibling subdomain from planting a cookie of the name; `__Secure-` does not (RFC 6265bis §4.1.3).
 *
 * @param publicOrigin such as `https://shop.example.com`
 */
export function createSessionCookies(publicOrigin: string): SessionCookies {
  const secure = publicOrigin.startsWith("https:");
  const access = { name: secure ? "__Host-auth_token" : "auth_token", path: "/", sameSite: "Lax" } as const;
  const refresh = {
    name: secure ? "__Secure-refresh_token" : "refresh_token",
    path: "/auth",
    sameSite: "Strict",
  } as const;
  const hint = { name: secure ? "__Host-session_hint" : "session_hint", path: "/", sameSite: "Lax" } as const;
  const continued = { name: secure ? "__Host-continued" : "continued", path: "/", sameSite: "Lax" } as const;
  type Cookie = typeof access | typeof refresh | typeof hint | typeof continued;
  const toCookie = ({ name, path, sameSite }: Cookie, value: string, maxAge: number) =>
    serialize(name, value, { path, sameSite, secure, httpOnly: name !== hint.name, maxAge });

  return {
    set: ({ accessToken, refreshToken, expiresIn, refreshExpiresIn, of }) => [
      toCookie(access, accessToken, expiresIn),
      toCookie(refresh, refreshToken, refreshExpiresIn),
      toCookie(hint, toHint(of), refreshExpiresIn),
    ],
    clear: () => [access, refresh, hint].map((cookie) => toCookie(cookie, "", 0)),
    continued: toCookie(continued, "1", 10),
    readRefresh: (header) => [...new Set(cookieValues(header, refresh.name))],
    clearNamesakes({ headers, url }) {
      if (cookieValues(headers.get("cookie"), refresh.name).length < 2) return [];
      return expireNamesakes({ ...refresh, requestPath: new URL(url).pathname, publicOrigin });
    },
  };
}

/** `<session>.<generation>.<end of the access token>`; the session by a name that nobody can ask for. */
function toHint({ sessionId, generation, expiresAt }: Issued["of"]): string {
  return `${createHash("sha256").update(sessionId).digest("hex").slice(0, 16)}.${generation}.${expiresAt}`;
}
