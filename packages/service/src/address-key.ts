import { isIPv4, isIPv6 } from "node:net";

/**
 * What a client's address counts as: an IPv4 address itself, for IPv6 its /64, since one subscriber commonly holds a
 * whole one (RFC 6177 §2), and an IPv4 address that was mapped into IPv6 the former. Anything else is one common key; a
 * key is its own.
 */
export function addressKey(address: string): string {
  if (isIPv4(address)) return address;
  const [bare = ""] = address.split(/[%/]/); // without the zone of a link-local address, or the /64 of a key
  if (!isIPv6(bare)) return "unknown";
  const groups = groupsOf(bare);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped) return [groups[6] ?? 0, groups[7] ?? 0].flatMap((group) => [group >> 8, group & 255]).join(".");
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(":")}::/64`;
}

/** The eight groups of an IPv6 address, from the one spelling that the URL parser gives it (WHATWG URL §3.5). */
function groupsOf(address: string): readonly number[] {
  const [head = "", tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const before = toNumbers(head);
  const after = toNumbers(tail ?? "");
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function toNumbers(part: string): readonly number[] {
  return part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
}
