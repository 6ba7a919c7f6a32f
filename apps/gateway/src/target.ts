/** The path and the query of a request target, both as they were sent; `search` begins with its question mark. */
export type Target = { readonly pathname: string; readonly search: string };

/**
 * Reads a request target (RFC 9112 §3.2): a path with its query, or an absolute URL, of which only path and query count.
 * Nothing is decoded, resolved or corrected. A URL parser would turn `\` into `/`, resolve dot segments and cut fragments,
 * and a rule in front of the gateway would then have seen another path than the service gets.
 *
 * @returns null for a target in neither form
 */
export function readTarget(target: string): Target | null {
  const [, path, search = ""] = requestTarget.exec(target) ?? [];
  if (path === undefined) return null;
  return { pathname: path === "" ? "/" : path, search: search === "?" ? "" : search };
}

/** Printable ASCII; an authority has a host and perhaps a port, and never user information. */
const requestTarget =
  /^(?:(?=\/)|https?:\/\/(?:[\w.~-]+|\[[\da-f:.]+\])(?::\d{1,5})?(?=[/?]|$))([!->@-~]*)(\?[!-~]*)?$/i;
