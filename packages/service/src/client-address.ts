import type { Log } from "@countersign/context";
import type { Fields } from "./fields.ts";
import { type ForwardedNode, readForwardedNode } from "./forwarded-node.ts";
import { canonicalAddress } from "./ip-address.ts";
import { createTrustedNetworks } from "./trusted-networks.ts";

/**
 * The address of a client that a trusted proxy does not name (RFC 7239 §6.2). It belongs to nobody, and limits by address
 * leave it out: counted as one client, it would let one stranger use up what everybody behind that proxy may do.
 */
export const unknownClient = "unknown";

/** Tells the client's address from the peer's and the X-Forwarded-For header. */
export type ClientAddress = (peer: string, headers: Fields) => string;

/** Why a header of a trusted proxy names no client. */
export type ForwardedProblem = Extract<ForwardedNode, { readonly address: null }>["problem"] | "empty";

/**
 * A reader of the client's address: from the right, the first address of X-Forwarded-For that is not a trusted proxy's. A
 * peer that is not trusted is the client itself, whatever it says, and so is a trusted one without the header. Where the
 * walk from the right meets something that is no address, the client is `unknownClient`: what stands further left was
 * written by somebody whom no proxy vouches for.
 *
 * @param trusted networks in CIDR form, such as `10.0.0.0/8`
 * @param onUnreadable called each time a trusted proxy names no client
 */
export function createClientAddress(
  trusted: readonly string[],
  onUnreadable: (problem: ForwardedProblem) => void = () => undefined,
): ClientAddress {
  const isTrusted = createTrustedNetworks(trusted);

  function unknown(problem: ForwardedProblem): string {
    onUnreadable(problem);
    return unknownClient;
  }

  return (peer, headers) => {
    const header = headers.get("x-forwarded-for");
    if (header === null || header === undefined || !isTrusted(peer)) return canonicalAddress(peer) ?? peer;
    let client: string | null = null;
    for (const hop of header.split(",").toReversed()) {
      const text = hop.trim();
      if (text === "") continue; // RFC 9110 §5.6.1: an empty element says nothing
      const node = readForwardedNode(text);
      if (node.address === null) return unknown(node.problem);
      client = node.address;
      if (!isTrusted(client)) return client;
    }
    return client ?? unknown("empty");
  };
}

/** A listener for unreadable headers that logs the first of them and no other. */
export function warnOnce(log: Pick<Log, "warn">): (problem: ForwardedProblem) => void {
  let isLogged = false;
  return (problem) => {
    if (isLogged) return;
    isLogged = true;
    log.warn({ problem }, "X-Forwarded-For of a trusted proxy names no client; limits by address leave it out.");
  };
}
