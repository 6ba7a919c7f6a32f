import { isIP } from "node:net";
import { checkServerIdentity, type PeerCertificate } from "node:tls";

/** Says what is wrong with a certificate for a host; undefined when nothing is. */
export type IdentityCheck = (host: string, certificate: PeerCertificate) => Error | undefined;

/**
 * Checks a server's certificate by where it was looked for. The client tells TLS the name of the server, but not an
 * address, so that a certificate would have to be one for "localhost": an address is checked here.
 */
export function createIdentityCheck(servers: readonly string[]): IdentityCheck {
  const hosts = servers.map((server) => server.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1"));
  const addresses = hosts.filter((host) => isIP(host) !== 0);
  return (host, certificate) => {
    const isNamed = isIP(host) === 0 && hosts.includes(host);
    if (isNamed || addresses.length === 0) return checkServerIdentity(host, certificate);
    const problems = addresses.map((address) => checkServerIdentity(address, certificate));
    return problems.includes(undefined) ? undefined : problems[0];
  };
}
