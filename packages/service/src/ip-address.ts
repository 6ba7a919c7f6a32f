import { isIPv4, isIPv6 } from "node:net";

/**
 * The one spelling of an IP address (RFC 5952 §4): lower case, zeros compressed, without the zone of a link-local address (RFC
 * 4007 §11), and an IPv4 address that is mapped into IPv6 (`::ffff:0:0/96`) as IPv4. Null for anything else, and for IPv4 with
 * leading zeros, which some readers take for octal.
 */
export function canonicalAddress(address: string): string | null {
  if (isIPv4(address)) return address;
  const [bare = ""] = address.split("%", 1);
  if (!isIPv6(bare)) return null;
  const groups = ipv6Groups(bare);
  return isMapped(groups) ? toIPv4(groups[6], groups[7]) : compress(groups);
}

/**
 * The eight groups of an IPv6 address without a zone. Bun's URL parser, which would do the same, throws for some that end in
 * an IPv4 address.
 */
export function ipv6Groups(address: string): readonly number[] {
  const [, high, mid, low, last] = dottedTail.exec(address) ?? [];
  const hex = (one: string | undefined, two: string | undefined) => ((Number(one) << 8) | Number(two)).toString(16);
  const text = last === undefined ? address : address.replace(dottedTail, `${hex(high, mid)}:${hex(low, last)}`);
  const [head = "", tail] = text.split("::");
  const before = toNumbers(head);
  const after = toNumbers(tail ?? "");
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

const dottedTail = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/;

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

/** RFC 5952 §4.2: the first of the longest runs of zero groups, of two or more, becomes `::`. */
function compress(groups: readonly number[]): string {
  let run = { start: 0, length: 1 };
  for (let start = 0; start < groups.length; start += 1) {
    const rest = groups.slice(start);
    const end = rest.findIndex((group) => group !== 0);
    const length = end === -1 ? rest.length : end;
    if (length > run.length) run = { start, length };
  }
  const textOf = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  if (run.length < 2) return textOf(groups);
  return `${textOf(groups.slice(0, run.start))}::${textOf(groups.slice(run.start + run.length))}`;
}
