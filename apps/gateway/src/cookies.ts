import type { ExpiredCookie } from "@countersign/service";

/** The names of auth's cookies. */
export type CookieNames = {
  /** These two carry a credential. */
  readonly access: string;
  readonly refresh: string;
  /** By this one auth knows a browser in which somebody signed in before. */
  readonly device: string;
  /** By this one auth knows the browser that began a sign-in with a provider. */
  readonly signIn: string;
  /** These carry none: that there is a session, and that its browser was just at `/auth/continue`. */
  readonly hints: readonly string[];
};

/**
 * Over https, `__Host-` keeps a sibling subdomain or a page on plain http from planting a cookie of these names; `__Secure-`
 * does neither against another https origin of the same site (RFC 6265bis §4.1.3). The refresh cookie cannot have the former,
 * since its path is not `/`.
 */
export function cookieNamesFor(publicOrigin: string): CookieNames {
  return publicOrigin.startsWith("https:")
    ? {
        access: "__Host-auth_token",
        refresh: "__Secure-refresh_token",
        device: "__Secure-known_device",
        signIn: "__Host-sign_in",
        hints: ["__Host-session_hint", "__Host-continued"],
      }
    : {
        access: "auth_token",
        refresh: "refresh_token",
        device: "known_device",
        signIn: "sign_in",
        hints: ["session_hint", "continued"],
      };
}

/** Every name of auth's cookies, in lower case. */
export function reservedNames({ access, refresh, device, signIn, hints }: CookieNames): ReadonlySet<string> {
  return new Set([access, refresh, device, signIn, ...hints].map((name) => name.toLowerCase()));
}

/** The paths with which auth sets them. */
export const cookiePaths = { access: "/", refresh: "/auth" } as const satisfies Partial<
  Record<keyof CookieNames, ExpiredCookie["path"]>
>;
