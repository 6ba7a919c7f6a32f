import type { Log } from "@countersign/context";
import { type Asked, createClientAddress, createTrustedNetworks, warnOnce } from "@countersign/service";

/** Who is calling, as far as it can be believed. */
export type Caller = {
  /** The client's IP address; `unknown` behind a proxy that does not name it; empty when no network was involved. */
  readonly address: string;
  /** Whether the peer is a proxy of ours, whose word on the request counts. */
  readonly vouchedFor: boolean;
};

/**
 * Tells the client's address from the peer's: a peer inside one of the networks is a proxy of ours and its
 * X-Forwarded-For counts; everyone else is the client, whatever the headers say. The first header of a proxy of ours that
 * names no client is logged, the others are not.
 *
 * @param networks in CIDR form, such as `10.0.0.0/8`
 */
export function createCallerOf(
  networks: readonly string[],
  log?: Pick<Log, "warn">,
): (peer: string, headers: Asked["headers"]) => Caller {
  const isTrusted = createTrustedNetworks(networks);
  const clientAddress = createClientAddress(networks, log && warnOnce(log));
  return (peer, headers) => ({ address: clientAddress(peer, headers), vouchedFor: isTrusted(peer) });
}
