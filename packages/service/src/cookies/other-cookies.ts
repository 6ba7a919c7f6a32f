import { separator } from "./separator.ts";

/**
 * The cookies of a Cookie header that have none of these names, as they came, or null when none is left. Names are compared
 * without regard to letter case, and a pair is left out whole when a reader that splits it at commas would find such a name.
 *
 * @param names in lower case
 */
export function otherCookies(header: string | undefined, names: ReadonlySet<string>): string | null {
  if (header === undefined) return null;
  const isNamed = (part: string) => names.has(nameOf(part));
  const pairs = header.split(";").map((pair) => pair.trim());
  const kept = pairs.filter((pair) => pair !== "" && !pair.split(separator).some(isNamed));
  return kept.length === 0 ? null : kept.join("; ");
}

/**
 * The name of a cookie in lower case, of a Cookie pair or of a whole Set-Cookie value. What a browser takes for a cookie
 * without a name (`=a=1`) comes back as `a=1`, so that its name is that of the text behind the equals sign.
 */
export function nameOf(cookie: string): string {
  const [pair = ""] = cookie.split(";", 1);
  const [name = ""] = pair.replace(/^[\s=]+/, "").split("=", 1);
  return name.trim().toLowerCase();
}
