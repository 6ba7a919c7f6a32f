import { BlockList, isIPv6 } from "node:net";
import type { Fields } from "./fields.ts";

/** Tells the client's address from the peer's and the X-Forwarded-For header. */
export type ClientAddress = (peer: string, headers: Fields) => string;

/**
 * Believes X-Forwarded-For only as far as trusted proxies vouch for it: from the right, the first address that is not a
 * trusted proxy's is the client. A peer that is not trusted is the client itself, whatever it says.
 *
 * @param trusted networks in CIDR form, such as `10.0.0.0/8`
 */
export function createClientAddress(trusted: readonly string[]): ClientAddress {
  const networks = new BlockList();
  for (const network of trusted) {
    const [address = "", bits = ""] = network.split("/");
    networks.addSubnet(address, Number(bits), isIPv6(address) ? "ipv6" : "ipv4");
  }
  const isTrusted = (address: string) => networks.check(address, isIPv6(address) ? "ipv6" : "ipv4");

  return (peer, headers) => {
    const forwarded = headers.get("x-forwarded-for")?.split(",") ?? [];
    const hops = [...forwarded.map((hop) => hop.trim()), peer];
    while (hops.length > 1 && isTrusted(hops.at(-1) ?? "")) hops.pop();
    return hops.at(-1) ?? peer;
  };
}
