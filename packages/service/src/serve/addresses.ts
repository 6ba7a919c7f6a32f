/** An origin that reaches the listener: a wildcard address is no place to connect to. */
export function toUrl(hostname: string, port: number): string {
  if (hostname === "0.0.0.0" || hostname === "::" || hostname === "") return `http://localhost:${port}`;
  return hostname.includes(":") ? `http://[${hostname}]:${port}` : `http://${hostname}:${port}`;
}

/** An IPv4 peer of a dual-stack socket shows as `::ffff:192.0.2.1` (RFC 4291 §2.5.5.2); one peer has one spelling. */
export function toAddress(address: string | undefined): string {
  return address?.replace(/^::ffff:(?=\d+\.)/i, "") ?? "";
}
