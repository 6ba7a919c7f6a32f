/** Whether a cookie's value can travel on as a token (RFC 6750 §2.1), and is no longer than browsers take (RFC 6265bis §5.6). */
export function isTokenShaped(value: string): boolean {
  return value.length <= 4_096 && /^[A-Za-z0-9\-._~+/]+=*$/.test(value);
}
