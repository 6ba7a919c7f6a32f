import type { Log } from "@countersign/context";

export type CookieSecurity = {
  /** The origin that browsers see, or undefined for the local one. */
  readonly publicUrl: string | undefined;
  readonly nodeEnv: string | undefined;
};

/**
 * Warns in production of a public origin of plain http: cookies then are neither `Secure` nor prefixed (RFC 6265bis §4.1.3),
 * and everybody on the way reads the tokens in them. A loopback name is no way for anybody else.
 */
export function checkCookieSecurity({ publicUrl, nodeEnv }: CookieSecurity, log: Pick<Log, "warn">): void {
  if (nodeEnv !== "production" || publicUrl === undefined) return;
  const { protocol, hostname } = new URL(publicUrl);
  if (protocol === "https:" || isLoopback(hostname)) return;
  const why = "Cookies are not Secure, and sessions can be read on the way: use an https origin and TLS in front.";
  log.warn({ PUBLIC_URL: publicUrl }, `PUBLIC_URL is plain http in production. ${why}`);
}

/** RFC 6761 §6.3, RFC 1122 §3.2.1.3, RFC 4291 §2.5.3. */
function isLoopback(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])\.?$/.test(hostname);
}
