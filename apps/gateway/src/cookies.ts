/** The names of auth's cookies. */
export type CookieNames = {
  /** These two carry a credential. */
  readonly access: string;
  readonly refresh: string;
  /** These carry none: that there is a session, and that its browser was just at `/auth/continue`. */
  readonly hints: readonly string[];
};

/**
 * Over https the prefixes keep a sibling subdomain or a page on plain http from planting a cookie of these names
 * (RFC 6265bis §4.1.3).
 */
export function cookieNamesFor(publicOrigin: string): CookieNames {
  return publicOrigin.startsWith("https:")
    ? {
        access: "__Host-auth_token",
        refresh: "__Secure-refresh_token",
        hints: ["__Host-session_hint", "__Host-continued"],
      }
    : { access: "auth_token", refresh: "refresh_token", hints: ["session_hint", "continued"] };
}

/**
 * Reads one cookie from a Cookie header: its value, null when it is absent, or `ambiguous` when the header could be
 * read to hold it twice. Readers differ on which of two wins, so that neither can be believed. A comma counts too:
 * two Cookie headers may have been joined by one on the way here.
 */
export function readCookie(header: string | null, name: string): string | null | typeof ambiguous {
  if (header === null || !header.includes(name)) return null;
  let found: string | null = null;
  for (const pair of header.split(";")) {
    const at = pair.indexOf("=");
    const value = pair.slice(at + 1).trim();
    if (holdsHidden(value, name)) return ambiguous;
    if (at === -1 || pair.slice(0, at).trim() !== name) continue;
    if (found !== null) return ambiguous;
    found = value;
  }
  return found;
}

export const ambiguous = Symbol("ambiguous");

function holdsHidden(value: string, name: string): boolean {
  return value.split(",").some((part, index) => index > 0 && part.split("=", 1)[0]?.trim() === name);
}
