import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { createAddressCount } from "./address-count.ts";
import { toAddress } from "./addresses.ts";
import { lingerMs } from "./limits.ts";
import type { ListenerLimits } from "./types.ts";

/** Every connection of a Node listener, and what it has under way. */
export type Connections = {
  /** A new connection; it is cut at once when its address holds too many. */
  readonly opened: (socket: Socket) => void;
  /** A request on it. */
  began(incoming: IncomingMessage, outgoing: ServerResponse): void;
  /** The answer to it is a stream of events, which may last. */
  readonly streams: (socket: Socket) => void;
  /** From here on every answer says `connection: close`; nothing is ended. */
  readonly announceStop: () => void;
  /** From here on every answer says `connection: close`, and connections without a request are ended after a moment. */
  drain(): void;
  close(): void;
};

type Connection = {
  readonly address: string;
  outgoing: ServerResponse | undefined;
  beganAt: number;
  isStream: boolean;
  /** Bytes sent and received at the last sweep, and since when these have not changed. */
  sent: number;
  received: number;
  stillSince: number;
};

/** Watches the connections of a listener over what Node itself has no limit for. */
export function watchConnections(
  limits: ListenerLimits,
  isProxy: (address: string) => boolean,
  now: () => number,
): Connections {
  const { stallTimeoutMs, exchangeTimeoutMs, connectionsPerAddress } = limits;
  const open = new Map<Socket, Connection>();
  const counts = createAddressCount(connectionsPerAddress, isProxy);
  let isAnnounced = false;
  let draining = false;
  let timer = sweepEvery(Math.max(10, Math.min(stallTimeoutMs, exchangeTimeoutMs) / 10));

  function sweepEvery(ms: number): NodeJS.Timeout {
    return setInterval(() => sweep(now()), Math.min(ms, 1_000)).unref();
  }

  function sweep(at: number): void {
    for (const [socket, connection] of open) {
      const sent = socket.bytesWritten - socket.writableLength;
      if (sent !== connection.sent || socket.bytesRead !== connection.received) {
        connection.sent = sent;
        connection.received = socket.bytesRead;
        connection.stillSince = at;
      }
      if (isOver(socket, connection, at)) socket.destroy();
    }
  }

  function isOver(socket: Socket, connection: Connection, at: number): boolean {
    const still = at - connection.stillSince;
    if (connection.outgoing !== undefined) {
      if (socket.writableLength > 0 && still >= stallTimeoutMs) return true;
      return !connection.isStream && at - connection.beganAt >= exchangeTimeoutMs;
    }
    return draining && still >= lingerMs;
  }

  function announceStop(): void {
    isAnnounced = true;
    for (const { outgoing } of open.values()) {
      if (outgoing?.headersSent === false) outgoing.setHeader("connection", "close");
    }
  }

  return {
    opened(socket) {
      const address = toAddress(socket.remoteAddress);
      if (!counts.enter(address)) {
        socket.destroy();
        return;
      }
      const connection = { address, outgoing: undefined, beganAt: 0, isStream: false };
      open.set(socket, { ...connection, sent: 0, received: 0, stillSince: now() });
      socket.once("close", () => {
        open.delete(socket);
        counts.leave(address);
      });
    },
    began({ socket }, outgoing) {
      const connection = open.get(socket);
      if (isAnnounced) outgoing.setHeader("connection", "close");
      if (connection === undefined) return;
      connection.outgoing = outgoing;
      connection.beganAt = now();
      connection.isStream = false;
      outgoing.once("close", () => {
        if (connection.outgoing !== outgoing) return;
        connection.outgoing = undefined;
        connection.stillSince = now();
      });
    },
    streams(socket) {
      const connection = open.get(socket);
      if (connection !== undefined) connection.isStream = true;
    },
    announceStop,
    drain() {
      draining = true;
      announceStop();
      clearInterval(timer);
      timer = sweepEvery(25);
    },
    close: () => clearInterval(timer),
  };
}
