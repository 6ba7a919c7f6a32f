/** Where a request line points: the path, without dot segments, and the query with its question mark. */
export type Target = { readonly pathname: string; readonly search: string };

/**
 * Reads the target of a request line. What a URL parser would leave as it is goes by unparsed; everything else, a whole URL
 * too, becomes what the parser makes of it, and of a whole URL the path alone counts (RFC 9112 §3.2).
 *
 * @returns null for a target that is none
 */
export function readTarget(target: string): Target | null {
  if (plain.test(target)) {
    const query = target.indexOf("?");
    return query === -1
      ? { pathname: target, search: "" }
      : { pathname: target.slice(0, query), search: query === target.length - 1 ? "" : target.slice(query) };
  }
  const url = target.startsWith("/") ? URL.parse(`http://gateway.invalid${target}`) : URL.parse(target);
  return url?.protocol === "http:" || url?.protocol === "https:" ? url : null;
}

/** Segments that begin with a letter, a digit, `_`, `$` or `-`, and a query of characters that have no second spelling. */
const plain = /^(\/[\w$-][\w$,.-]*)+(\?[\w$&=%+,.:;~!()*/-]*)?$/;
