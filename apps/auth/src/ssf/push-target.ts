/**
 * Whether events may be pushed to an address: by TLS, or to this machine, where nobody listens in. No user information and
 * no fragment: neither is ever sent.
 */
export function isPushTarget(address: string): boolean {
  const url = URL.parse(address);
  if (url === null || url.username !== "" || url.password !== "" || address.includes("#")) return false;
  return url.protocol === "https:" || (url.protocol === "http:" && loopback.has(url.hostname));
}

const loopback: ReadonlySet<string> = new Set(["127.0.0.1", "[::1]", "localhost"]);
