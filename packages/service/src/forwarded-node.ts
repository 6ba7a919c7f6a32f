import { canonicalAddress } from "./ip-address.ts";

/** A node of a forwarding header: its address, or why there is none to read. */
export type ForwardedNode =
  | { readonly address: string }
  | { readonly address: null; readonly problem: "unknown" | "obfuscated" | "malformed" };

/**
 * The address of one node, by the syntax of RFC 7239 §6, which proxies use in X-Forwarded-For as well: IPv4 or IPv6 in
 * brackets, either with a port, quoted or not, and IPv6 without brackets, as X-Forwarded-For commonly has it. Ports are
 * dropped. `unknown` (§6.2) and obfuscated names such as `_gateway` (§6.3) hold no address.
 */
export function readForwardedNode(text: string): ForwardedNode {
  const node = /^"(.*)"$/.exec(text)?.[1] ?? text;
  const [, name = node] = withPort.exec(node) ?? [];
  const address = canonicalAddress(name) ?? canonicalAddress(inBrackets.exec(name)?.[1] ?? "");
  if (address !== null) return { address };
  if (/^unknown$/i.test(name)) return { address: null, problem: "unknown" };
  return { address: null, problem: /^_[\w.-]+$/.test(name) ? "obfuscated" : "malformed" };
}

/** §6: a port of digits or an obfuscated one, behind a name, IPv4, brackets, or all eight groups of an IPv6 address. */
const withPort = /^(\[[^\]]*\]|[^:[\]]+|([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}):(\d{1,5}|_[\w.-]+)$/i;
const inBrackets = /^\[([^\]]*)\]$/;
