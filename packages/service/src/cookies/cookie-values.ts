import { separator } from "./separator.ts";

/**
 * Every value that a Cookie header holds under one name, in its order, the empty one too. Cookies of one name and different
 * paths or domains come in any order (RFC 6265 §5.4), and several headers may have been joined by a comma on the way here.
 */
export function cookieValues(header: string | null | undefined, name: string): readonly string[] {
  if (header === null || header === undefined || !header.includes(name)) return [];
  return header.split(separator).flatMap((pair) => {
    const at = pair.indexOf("=");
    return at !== -1 && pair.slice(0, at).trim() === name ? [pair.slice(at + 1).trim()] : [];
  });
}
