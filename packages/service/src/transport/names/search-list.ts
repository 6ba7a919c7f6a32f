/** What `resolv.conf` (resolv.conf(5)) says of names that are not complete. */
export type Search = { readonly domains: readonly string[]; readonly ndots: number };

/** Reads `search`, `domain` and `options ndots`; of several lines the last one counts. */
export function readSearch(text: string): Search {
  let domains: readonly string[] = [];
  let ndots = 1;
  for (const line of text.split("\n")) {
    const [keyword, ...words] = line
      .replace(/[#;].*/, "")
      .trim()
      .split(/\s+/);
    if (keyword === "search" || keyword === "domain") domains = words.filter((word) => word !== ".");
    const dots = keyword === "options" ? words.find((word) => /^ndots:\d+$/.test(word)) : undefined;
    if (dots !== undefined) ndots = Math.min(Number(dots.slice("ndots:".length)), 15);
  }
  return { domains, ndots };
}

/** The complete names that a name may stand for, in the order in which they are asked for. */
export function toCandidates(name: string, { domains, ndots }: Search): readonly string[] {
  if (name.endsWith(".")) return [name];
  const searched = domains.map((domain) => `${name}.${domain.replace(/\.$/, "")}`);
  const dots = name.split(".").length - 1;
  return dots >= ndots ? [name, ...searched] : [...searched, name];
}
