/** A path longer than this is nobody's bookmark. */
const longest = 2_048;
/** However often somebody on the way decodes a path, it must stay one of ours; it says the same after a few times. */
const decodings = 4;

/**
 * Where a redirect may lead that a stranger may have written: a path of the origin itself, with its query, and none of
 * auth's own, which would come back here. Null for everything else: absolute and scheme-relative addresses (`//x`, `/\x`,
 * `/.//x`), control characters and spaces, and whatever becomes one of these when it is decoded.
 *
 * @param given an untrusted value, as it stands after the query was parsed
 * @param origin such as `https://shop.example.com`
 */
export function readSafePath(given: string, origin: string): string | null {
  if (given.length > longest) return null;
  const target = space.test(given) ? null : parseOwn(given, origin);
  if (target === null) return null;
  let { pathname } = target; // dot segments may have left it with two slashes in front: the first round sees them
  for (let round = 0; round < decodings; round += 1) {
    const decoded = decode(pathname);
    const next = decoded === null ? null : parseOwn(decoded, origin);
    if (decoded === null || next === null) return null;
    if (decoded === pathname) return target.pathname + target.search;
    pathname = decoded;
  }
  return null;
}

/** Parses as browsers do, who drop tabs and line feeds and take a backslash for a slash. */
function parseOwn(path: string, origin: string): URL | null {
  if (!plain.test(path)) return null;
  const url = URL.parse(path, origin);
  return url === null || auth.test(url.pathname) ? null : url;
}

/** One slash first; no backslash or control character anywhere. */
const plain = /^\/(?!\/)[^\\\p{Cc}]*$/u;
/** Escaped, a page's name may hold them: they change nothing about where a path leads. */
const space = /\s/;
const auth = /^\/auth(\/|$)/i;

function decode(pathname: string): string | null {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return null; // half an escape: readers differ on what it means
  }
}
