/**
 * The cookies of a Cookie header that auth calls by this name, each as `name=value`: over https with the prefix that keeps
 * others from planting it, which then counts alone (RFC 6265bis §4.1.3). Several of one name are all given: the gateway tells
 * which is ours.
 */
export function cookiesNamed(header: string | null, name: string): readonly string[] {
  const pairs = (header ?? "").split(";").map((pair) => pair.trim());
  const prefixed = pairs.filter((pair) => pair.startsWith(`__Host-${name}=`));
  return prefixed.length > 0 ? prefixed : pairs.filter((pair) => pair.startsWith(`${name}=`));
}
