import { BlockList, isIP, isIPv6 } from "node:net";
import { type Asked, createClientAddress } from "@countersign/service";

/** Who is calling, as far as it can be believed. */
export type Caller = {
  /** The client's IP address; empty when the request did not come over a network. */
  readonly address: string;
  /** Whether the peer is a proxy of ours, whose word on the request counts. */
  readonly vouchedFor: boolean;
};

/**
 * Tells the client's address from the peer's: a peer inside one of the networks is a proxy of ours and its
 * X-Forwarded-For counts; everyone else is the client, whatever the headers say.
 *
 * @param networks in CIDR form, such as `10.0.0.0/8`
 */
export function createCallerOf(networks: readonly string[]): (peer: string, headers: Asked["headers"]) => Caller {
  const proxies = new BlockList();
  for (const network of networks) {
    const [address = "", bits = ""] = network.split("/");
    proxies.addSubnet(address, Number(bits), familyOf(address));
  }
  const clientAddress = createClientAddress(networks);
  return (peer, headers) => {
    if (networks.length === 0 || !proxies.check(peer, familyOf(peer))) return { address: peer, vouchedFor: false };
    const address = clientAddress(peer, headers);
    return { address: isIP(address) === 0 ? peer : address, vouchedFor: true };
  };
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIPv6(address) ? "ipv6" : "ipv4";
}
