import { BlockList, isIP, isIPv6 } from "node:net";

/** Whether this is an IP address or the name of a host (RFC 1123 §2.1). */
export function isHost(text: string): boolean {
  if (isIP(text) !== 0) return true;
  return text.length <= 253 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i.test(text);
}

/** Whether this is a network in CIDR form, such as `10.0.0.0/8` (RFC 4632 §3.1). */
export function isNetwork(text: string): boolean {
  const [, address = "", bits = ""] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  if (isIP(address) === 0) return false;
  try {
    new BlockList().addSubnet(address, Number(bits), isIPv6(address) ? "ipv6" : "ipv4");
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false; // more bits than the address has
    throw error;
  }
}
