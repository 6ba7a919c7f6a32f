import { addressKey, createTrustedNetworks } from "@countersign/service";

/** Networks that are not part of the public internet (IANA special-purpose registries, RFC 6890), and multicast. */
const specialNetworks = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "2001::/23",
  "2001:db8::/32",
  "3fff::/20",
];

const isSpecial = createTrustedNetworks(specialNetworks);
const isGlobalUnicast = createTrustedNetworks(["2000::/3"]);

/**
 * Whether an IP address belongs to the public internet. An IPv4 address that is embedded in an IPv6 one (mapped, NAT64,
 * 6to4) decides for it.
 */
export function isPublicAddress(address: string): boolean {
  const key = addressKey(address); // IPv4, also an embedded one; or `<prefix>::/64`
  const [network = ""] = key.split("/");
  if (network.includes(":")) return isGlobalUnicast(network) && !isSpecial(network);
  return key !== "unknown" && !isSpecial(network);
}
