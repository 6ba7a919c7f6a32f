import { type Connection, openConnection } from "./connection.ts";
import { type Transport, TransportError } from "./port.ts";

/** How often it is looked at whether somebody has gone or has let time pass, in milliseconds: cheaper than to be told. */
const checkEveryMs = 50;

/**
 * Carries requests over HTTP/1.1 and keeps connections for the next ones. Their number is not capped, because every
 * subscription holds one; the listener in front caps the requests.
 */
export function createTransport(): Transport {
  const open = new Set<Connection>();
  const free = new Map<string, Connection[]>();
  const timer = setInterval(() => {
    const at = performance.now();
    for (const connection of open) connection.check(at); // each leaves the set as it ends, which a set allows
  }, checkEveryMs).unref();

  function freeOf(origin: string): Connection[] {
    const known = free.get(origin) ?? [];
    free.set(origin, known);
    return known;
  }

  function connect(origin: string): Connection {
    const waiting = freeOf(origin);
    const connection = openConnection(origin, {
      freed: (freed) => void waiting.push(freed),
      closed: (closed) => {
        open.delete(closed);
        const place = waiting.indexOf(closed);
        if (place !== -1) waiting.splice(place, 1);
      },
    });
    open.add(connection);
    return connection;
  }

  return {
    forward(outgoing) {
      const { origin, isGone } = outgoing;
      if (isGone()) return Promise.reject(new TransportError("aborted"));
      const connection = freeOf(origin).pop() ?? connect(origin); // the last one used is the least likely to be gone
      return connection.send(outgoing);
    },
    async close() {
      clearInterval(timer);
      for (const connection of open) connection.destroy();
    },
  };
}
