import { connect as connectPlainly, isIP, type LookupFunction, type Socket } from "node:net";
import { connect as connectSecurely } from "node:tls";
import { createExchange, type Exchange, type Wire } from "./exchange.ts";
import type { Address } from "./names/names.ts";
import { type Incoming, type Outgoing, TransportError } from "./port.ts";
import { sendRequest } from "./send-request.ts";

/** A connection to a service, over which one request goes at a time. */
export type Connection = {
  /**
   * Sends a request; one that is sent while it still connects waits for that.
   *
   * @throws {TransportError} when no answer began
   */
  send(outgoing: Outgoing): Promise<Incoming>;
  /** Ends what nobody waits for any more, and what has let its time pass at this moment of `performance.now()`. */
  check(at: number): void;
  destroy(): void;
};

export type ConnectionEvents = {
  /** It may carry another request. */
  readonly freed: (connection: Connection) => void;
  readonly closed: (connection: Connection) => void;
  /** Nothing could be reached at these addresses. */
  readonly missed: () => void;
};

const connectTimeoutMs = 1_000;

/** Where a connection leads: an origin, and the addresses that its name has, one of them at least. */
export type Destination = { readonly origin: string; readonly addresses: readonly Address[] };

/** Begins to connect. */
export function openConnection(destination: Destination, { freed, closed, missed }: ConnectionEvents): Connection {
  const url = new URL(destination.origin);
  const socket = connectTo(url, destination.addresses);
  let isConnected = false;
  let isOpen = true;
  let isSent = true;
  let current: Exchange | null = null;
  /** While it connects, when that has taken too long; while it is free, when the service may let go of it. */
  let dueAt = performance.now() + connectTimeoutMs;

  /** Ends the connection, and with it what is under way. */
  function end(code: TransportError["code"], cause?: unknown): void {
    const ended = current;
    current = null;
    if (isOpen) closed(connection);
    if (isOpen && !isConnected && code !== "aborted") missed();
    isOpen = false;
    socket.destroy();
    const hasBegun = ended?.reader.hasBegun() === true;
    ended?.fail(
      new TransportError(code === "unreachable" && hasBegun ? "broken_off" : code, cause, { isUnsent: !isConnected }),
    );
  }

  /** Bytes without a request end the connection, as do those that are no answer. */
  function read(bytes: Buffer): void {
    if (current === null) return end("unreachable");
    try {
      current.reader.push(bytes);
    } catch (cause) {
      end("malformed", cause);
    }
  }

  function readEnd(): void {
    if (current === null) return end("unreachable");
    try {
      current.reader.end();
    } catch (cause) {
      end("unreachable", cause);
    }
  }

  const wire: Wire = {
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    abandon: () => end("aborted"),
    release(keepMs) {
      current = null;
      if (keepMs === 0 || !isSent) return end("unreachable"); // an answer that came early leaves half a request behind
      dueAt = performance.now() + keepMs;
      if (socket.isPaused()) socket.resume(); // its last part may have been more than its reader wanted
      freed(connection);
    },
  };

  function write(outgoing: Outgoing, exchange: Exchange): void {
    const sending = sendRequest(socket, outgoing, { host: url.host, progressed: exchange.moved });
    isSent = sending === null;
    sending?.then(sent).catch((cause: unknown) => end("unreachable", cause));
  }

  function sent(): void {
    isSent = true;
  }

  socket.on(url.protocol === "https:" ? "secureConnect" : "connect", () => {
    isConnected = true;
    dueAt = Number.POSITIVE_INFINITY;
  });
  socket.on("data", read);
  socket.on("end", readEnd);
  socket.on("error", (cause) => end("unreachable", cause));
  socket.on("close", () => end("unreachable"));

  const connection: Connection = {
    send: (outgoing) =>
      new Promise((begins, fails) => {
        if (isConnected) dueAt = Number.POSITIVE_INFINITY;
        const exchange = createExchange(outgoing, wire, { begins, fails });
        current = exchange;
        try {
          write(outgoing, exchange);
        } catch (cause) {
          end("unreachable", cause);
        }
      }),
    check(at) {
      const why = at > dueAt ? "timed_out" : (current?.whyEnd(at) ?? null);
      if (why !== null) end(why);
    },
    destroy: () => end("aborted"),
  };
  return connection;
}

function connectTo({ protocol, hostname, port }: URL, addresses: readonly Address[]): Socket {
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
