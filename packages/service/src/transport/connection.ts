import { connectTo, type Destination } from "./connect-to.ts";
import { createExchange, type Exchange, type Wire } from "./exchange.ts";
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
