import { toHost } from "./connect-to.ts";
import { type Connection, openConnection } from "./connection.ts";
import { createLookUp } from "./names/look-up.ts";
import { type Address, createNames, type LookUp } from "./names/names.ts";
import { createAddressWaits } from "./names/wait-for-addresses.ts";
import { openMessageTunnel } from "./open-message-tunnel.ts";
import { openTunnel } from "./open-tunnel.ts";
import { type Outgoing, type Transport, TransportError } from "./port.ts";

/** How often it is looked at whether somebody has gone or has let time pass, in milliseconds: cheaper than to be told. */
const checkEveryMs = 50;

export type TransportOptions = {
  /** Finds the addresses of a name; as this machine is set up unless told. */
  readonly lookUp?: LookUp;
};

/**
 * Carries requests over HTTP/1.1 and keeps connections for the next ones. Their number is not capped, because every
 * subscription holds one; the listener in front caps the requests.
 */
export function createTransport({ lookUp = createLookUp() }: TransportOptions = {}): Transport {
  const names = createNames({ lookUp, now: () => performance.now() });
  const waits = createAddressWaits();
  const hosts = new Map<string, string>();
  const open = new Set<Connection>();
  const free = new Map<string, Connection[]>();
  const timer = setInterval(() => {
    const at = performance.now();
    for (const connection of open) connection.check(at); // each leaves the set as it ends, which a set allows
    waits.check(at);
  }, checkEveryMs).unref();

  function freeOf(origin: string): Connection[] {
    const known = free.get(origin) ?? [];
    free.set(origin, known);
    return known;
  }

  function hostOf(origin: string): string {
    const host = hosts.get(origin) ?? toHost(new URL(origin).hostname);
    hosts.set(origin, host);
    return host;
  }

  function connect(origin: string, addresses: readonly Address[]): Connection {
    const waiting = freeOf(origin);
    const connection = openConnection(
      { origin, addresses },
      {
        missed: () => names.doubt(hostOf(origin)),
        freed: (freed) => void waiting.push(freed),
        closed: (closed) => {
          open.delete(closed);
          const place = waiting.indexOf(closed);
          if (place !== -1) waiting.splice(place, 1);
        },
      },
    );
    open.add(connection);
    return connection;
  }

  async function upgrade(outgoing: Outgoing) {
    if ("Bun" in globalThis) return openMessageTunnel(outgoing);
    const { origin } = outgoing;
    return openTunnel(outgoing, { origin, addresses: await names.addressesOf(hostOf(origin)) });
  }

  return {
    forward(outgoing) {
      const { origin, isGone } = outgoing;
      if (isGone()) return Promise.reject(new TransportError("aborted"));
      if (outgoing.isUpgrade === true) return upgrade(outgoing);
      const kept = freeOf(origin).pop(); // the last one used is the least likely to be gone
      if (kept !== undefined) return kept.send(outgoing);
      const addresses = names.addressesOf(hostOf(origin));
      if (!(addresses instanceof Promise)) return connect(origin, addresses).send(outgoing);
      return waits.waitFor(addresses, outgoing).then((found) => connect(origin, found).send(outgoing));
    },
    async close() {
      clearInterval(timer);
      waits.close();
      for (const connection of open) connection.destroy();
    },
  };
}
