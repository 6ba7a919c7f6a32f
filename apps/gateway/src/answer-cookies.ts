import { cookieNameOf, type Incoming } from "@countersign/service";
import type { PassingRoute } from "./routes.ts";

/**
 * What of an answer's Set-Cookie values goes back: auth sets cookies of our names, and nobody else does. Another one could put
 * a session of its choice under its visitors, or end theirs.
 *
 * @param reserved our names in lower case
 */
export function limitCookies(
  cookies: Incoming["cookies"],
  route: PassingRoute,
  reserved: ReadonlySet<string>,
): Incoming["cookies"] {
  if (cookies.length === 0 || isAuth(route)) return cookies;
  return cookies.filter((cookie) => !reserved.has(cookieNameOf(cookie)));
}

/** Takes the word that removes every cookie of the site, ours included, out of Clear-Site-Data (W3C, §3.1), in place. */
export function limitSiteData(headers: Incoming["headers"], route: PassingRoute): void {
  const given = headers.get("clear-site-data");
  if (given === undefined || isAuth(route)) return;
  const kept = given
    .split(",")
    .map((type) => type.trim())
    .filter((type) => /^"(?!cookies"|\*")\w+"$/.test(type));
  if (kept.length === 0) headers.delete("clear-site-data");
  else headers.set("clear-site-data", kept.join(", "));
}

function isAuth(route: PassingRoute): boolean {
  return "service" in route && route.service === "auth";
}
