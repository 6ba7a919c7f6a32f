import { isIPv4, isIPv6 } from "node:net";
import { unknownClient } from "./client-address.ts";
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

/**
 * A client's address from the widest to the narrowest, as keys for fair shares: of IPv6 its /48, since that is what a site
 * gets for the asking (RFC 6177 §2), then its /64; of IPv4 the address alone. A client that a trusted proxy does not name
 * has none: its share would be that of many.
 */
export function addressPath(address: string): readonly string[] {
  if (address === unknownClient) return [];
  const key = addressKey(address);
  if (!key.endsWith("::/64")) return [key];
  return [`${key.split(":").slice(0, 3).join(":")}::/48`, key];
}

/** In `64:ff9b:1::/48` a /64 may hold every client of a translator: where none is read from it, each address counts. */
function isLocalNat64([a, b, c]: readonly number[]): boolean {
  return a === 0x64 && b === 0xff9b && c === 1;
}

function toText(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(":");
}
