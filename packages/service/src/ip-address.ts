import { isIPv4, isIPv6 } from "node:net";

/**
 * The one spelling of an IP address: lower case, zeros compressed, without the zone of a link-local address (RFC 4007 §11),
 * and an IPv4 address that is mapped into IPv6 (`::ffff:0:0/96`) as IPv4. Null for anything else, and for IPv4 with leading
 * zeros, which some readers take for octal.
 */
export function canonicalAddress(address: string): string | null {
  if (isIPv4(address)) return address;
  const [bare = ""] = address.split("%", 1);
  if (!isIPv6(bare)) return null;
  const groups = ipv6Groups(bare);
  return isMapped(groups) ? toIPv4(groups[6], groups[7]) : new URL(`http://[${bare}]`).hostname.slice(1, -1);
}

/** The eight groups of an IPv6 address without a zone, from the one spelling that the URL parser gives it (WHATWG URL §3.5). */
export function ipv6Groups(address: string): readonly number[] {
  const [head = "", tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const before = toNumbers(head);
  const after = toNumbers(tail ?? "");
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

/** The IPv4 address in two groups of 16 bits. */
export function toIPv4(high = 0, low = 0): string {
  return [high, low].flatMap((group) => [group >> 8, group & 255]).join(".");
}

function isMapped(groups: readonly number[]): boolean {
  return groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
}

function toNumbers(part: string): readonly number[] {
  return part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
}
