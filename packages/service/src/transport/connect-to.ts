import { connect as connectPlainly, isIP, type LookupFunction, type Socket } from "node:net";
import { connect as connectSecurely } from "node:tls";
import type { Address } from "./names/names.ts";

/** Where a connection leads: an origin, and the addresses that its name has, one of them at least. */
export type Destination = { readonly origin: string; readonly addresses: readonly Address[] };

/** A socket that begins to connect to the host of a URL, at these addresses. */
export function connectTo({ protocol, hostname, port }: URL, addresses: readonly Address[]): Socket {
  const host = toHost(hostname);
  const lookup = lookUpIn(addresses);
  if (protocol !== "https:") return connectPlainly({ host, port: Number(port || 80), noDelay: true, lookup });
  const servername = isIP(host) === 0 ? host : ""; // RFC 6066 §3: an address is no server name
  return connectSecurely({ host, port: Number(port || 443), servername, ALPNProtocols: ["http/1.1"], lookup });
}

/** The host of a URL, without the brackets of an IPv6 address. */
export function toHost(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, "");
}

/** What the runtime asks for addresses instead of the machine. */
function lookUpIn(addresses: readonly Address[]): LookupFunction {
  return (_host, { all }, give) => {
    const [first] = addresses;
    if (first === undefined) give(new Error("The name has no address."), []);
    else if (all === true) give(null, [...addresses]);
    else give(null, first.address, first.family);
  };
}
