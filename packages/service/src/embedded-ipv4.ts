import { toIPv4 } from "./ip-address.ts";

/**
 * The IPv4 address of a client that a translator or tunnel shows as IPv6, where whole networks share one /64: mapped
 * (`::ffff:0:0/96`), translated (`::ffff:0:0:0/96`, RFC 7915), NAT64 (`64:ff9b::/96`, RFC 6052; `64:ff9b:1::/48`, RFC
 * 8215), 6to4 (`2002::/16`, RFC 3056) and Teredo (`2001::/32`, RFC 4380 §4). Null for every other address.
 *
 * @param groups the eight groups of an IPv6 address
 */
export function embeddedIPv4(groups: readonly number[]): string | null {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups;
  const startsWithZeros = a === 0 && b === 0 && c === 0 && d === 0;
  if (startsWithZeros && ((e === 0 && f === 0xffff) || (e === 0xffff && f === 0))) return toIPv4(g, h);
  if (a === 0x64 && b === 0xff9b && c === 0 && d === 0 && e === 0 && f === 0) return toIPv4(g, h);
  if (a === 0x64 && b === 0xff9b && c === 1) return localNat64(groups);
  if (a === 0x2002) return toIPv4(b, c);
  if (a === 0x2001 && b === 0) return toIPv4(g ^ 0xffff, h ^ 0xffff); // stored inverted
  return null;
}

/**
 * RFC 6052 §2.2 places the address by the length of the operator's prefix, which the address does not tell. The two that
 * leave zeros behind them are read, a /96 and the whole /48; in any other the address counts by itself.
 */
function localNat64([, , , d = 0, e = 0, f = 0, g = 0, h = 0]: readonly number[]): string | null {
  if (e === 0 && f === 0) return toIPv4(g, h);
  const isWhole = g === 0 && h === 0 && e >> 8 === 0 && (f & 255) === 0;
  return isWhole ? toIPv4(d, ((e & 255) << 8) | (f >> 8)) : null;
}
