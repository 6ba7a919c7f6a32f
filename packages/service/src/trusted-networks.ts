import { BlockList, isIPv6 } from "node:net";
import { canonicalAddress } from "./ip-address.ts";

/**
 * A test whether an address lies in one of these networks. An IPv4 address that is mapped into IPv6 is tested as IPv4.
 *
 * @param networks in CIDR form, such as `10.0.0.0/8`
 */
export function createTrustedNetworks(networks: readonly string[]): (address: string) => boolean {
  if (networks.length === 0) return () => false;
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits = ""] = network.split("/");
    list.addSubnet(address, Number(bits), familyOf(address));
  }
  return (address) => {
    const canonical = canonicalAddress(address);
    return canonical !== null && list.check(canonical, familyOf(canonical));
  };
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIPv6(address) ? "ipv6" : "ipv4";
}
