import { Refusal } from "@countersign/context";
import { readSafePath } from "./safe-path.ts";

/**
 * Fetch Metadata: a prefetch, a frame, an image or a script that comes here gets nothing. The destination tells them all
 * apart; the mode is also sent by Node's fetch, which is no browser.
 *
 * @throws Refusal FORBIDDEN for what is no person's own navigation
 */
export function checkNavigation({ method, headers }: Request): void {
  const isPage = (headers.get("sec-fetch-dest") ?? "document") === "document";
  const isAhead = /prefetch|prerender/i.test(`${headers.get("sec-purpose")} ${headers.get("purpose")}`);
  if (method !== "HEAD" && isPage && !isAhead) return;
  throw new Refusal("FORBIDDEN", "This address is for a browser on its way to a page.", { reason: "no_navigation" });
}

/**
 * The path in `to`, `/` where there is none.
 *
 * @throws Refusal BAD_REQUEST when it is not a path of this site, or there are several
 */
export function readDestination(query: URLSearchParams, origin: string): string {
  const [given = "/", ...more] = query.getAll("to");
  const to = more.length === 0 ? readSafePath(given, origin) : null;
  if (to === null) throw new Refusal("BAD_REQUEST", "`to` is not a path of this site.", { field: "to" });
  return to;
}

/** Which site stands behind a request, by the browser's word; null for a client that does not say. */
export function cameFrom({ headers }: Request): string | null {
  return headers.get("sec-fetch-site");
}
