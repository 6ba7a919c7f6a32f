import { serialize } from "hono/utils/cookie";
import type { Issued } from "./issued.ts";

/** The cookies that carry a session in a browser, for one public origin. */
export type SessionCookies = {
  /** Set-Cookie values for what was issued. */
  set(issued: Issued): readonly string[];
  /** Set-Cookie values that remove both. */
  clear(): readonly string[];
  /** The refresh cookie of a Cookie header; null without one, and for two of its name, of which neither is believed. */
  readRefresh(header: string | null): string | null;
};

/**
 * Both are HttpOnly. The refresh cookie goes to `/auth` alone and to no request that another site started. Over https
 * the names have the prefixes that keep a sibling subdomain from planting them (RFC 6265bis §4.1.3).
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
  type Cookie = typeof access | typeof refresh;
  const toCookie = ({ name, path, sameSite }: Cookie, value: string, maxAge: number) =>
    serialize(name, value, { path, sameSite, secure, httpOnly: true, maxAge });

  return {
    set: ({ accessToken, refreshToken, expiresIn, refreshExpiresIn }) => [
      toCookie(access, accessToken, expiresIn),
      toCookie(refresh, refreshToken, refreshExpiresIn),
    ],
    clear: () => [toCookie(access, "", 0), toCookie(refresh, "", 0)],
    readRefresh: (header) => readOne(header, refresh.name),
  };
}

function readOne(header: string | null, name: string): string | null {
  const values = (header ?? "").split(";").flatMap((pair) => {
    const at = pair.indexOf("=");
    return at !== -1 && pair.slice(0, at).trim() === name ? [pair.slice(at + 1).trim()] : [];
  });
  return values.length === 1 ? (values[0] ?? null) : null;
}
