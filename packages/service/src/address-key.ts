import { isIPv4, isIPv6 } from "node:net";
import { embeddedIPv4 } from "./embedded-ipv4.ts";
import { ipv6Groups } from "./ip-address.ts";

/**
 * The key under which a client's address is counted: an IPv4 address itself, also where a translator or tunnel embeds it in
 * IPv6, and for any other IPv6 address its /64, since one subscriber commonly holds a whole one (RFC 6177 §2). The key of a
 * key is the key. Anything else has one common key, `unknown`.
 */
export function addressKey(address: string): string {
  if (isIPv4(address)) return address;
  const [bare = ""] = address.split(/[%/]/); // without the zone of a link-local address, or the /64 of a key
  if (!isIPv6(bare)) return "unknown";
  const groups = ipv6Groups(bare);
  if (address.endsWith("::/64")) return address;
  return embeddedIPv4(groups) ?? (isLocalNat64(groups) ? toText(groups) : `${toText(groups.slice(0, 4))}::/64`);
}

/** In `64:ff9b:1::/48` a /64 may hold every client of a translator: where none is read from it, each address counts. */
function isLocalNat64([a, b, c]: readonly number[]): boolean {
  return a === 0x64 && b === 0xff9b && c === 1;
}

function toText(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(":");
}
