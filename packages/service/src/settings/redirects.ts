/**
 * What is wrong with an address that may get the code of a sign-in, or null: it is https, `http://127.0.0.1/…` or
 * `http://[::1]/…`, or of a scheme that is a domain in reverse (RFC 8252 §7.1), which also keeps `javascript:` and `data:` out.
 */
export function findRedirectProblem(address: string): string | null {
  const url = URL.parse(address);
  const hint = "is a list of addresses such as com.example.shop:/signed-in,http://127.0.0.1/signed-in";
  if (url === null || url.username !== "" || url.search !== "" || address.includes("#")) return hint;
  const { protocol, hostname } = url;
  const isLoopback = protocol === "http:" && (hostname === "127.0.0.1" || hostname === "[::1]");
  const isPrivateScheme = /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:$/.test(protocol);
  return protocol === "https:" || isLoopback || isPrivateScheme ? null : hint;
}
