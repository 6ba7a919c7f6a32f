import type { Duplex } from "node:stream";
import type { Message, MessageSocket, Tunnel } from "../transport/tunnel.ts";

/** What is used of a WebSocket of Bun's listener. */
export type BunWebSocket = {
  readonly data: Tunnel;
  send(message: Message): number;
  close(code?: number, reason?: string): void;
  getBufferedAmount(): number;
};

/** How much one side may have sent that the other has not taken, in bytes: neither of the two can be told to wait. */
const mostWaiting = 4 * 1024 * 1024;

/** The WebSockets of a listener on Bun: passes messages on between each client and its server. */
export type BunTunnels = ReturnType<typeof createBunTunnels>;

export function createBunTunnels() {
  const open = new Set<BunWebSocket>();
  return {
    end() {
      for (const client of open) client.close(1001, "The gateway stops.");
    },
    handlers: {
      idleTimeout: 120, // seconds without a word, pings included, which it sends itself
      sendPings: true,
      maxPayloadLength: 16 * 1024 * 1024,
      open(client: BunWebSocket) {
        const { server, destroy } = client.data;
        if (!isMessageSocket(server)) return destroy();
        open.add(client);
        server.receive({
          message(message) {
            client.send(message);
            if (client.getBufferedAmount() > mostWaiting) client.close(1008, "The client is too slow.");
          },
          closed: (code, reason) => client.close(...toClose(code, reason)),
        });
      },
      message(client: BunWebSocket, message: string | Buffer<ArrayBuffer>) {
        const { server } = client.data;
        if (!isMessageSocket(server)) return;
        server.send(message);
        if (server.waiting() > mostWaiting) client.close(1008, "The server is too slow.");
      },
      close(client: BunWebSocket, code: number, reason: string) {
        open.delete(client);
        const { server, destroy } = client.data;
        if (isMessageSocket(server)) server.close(...toClose(code, reason));
        else destroy();
      },
    },
  };
}

function isMessageSocket(server: Duplex | MessageSocket): server is MessageSocket {
  return "receive" in server;
}

/** RFC 6455 §7.4.1: some codes are never sent, they stand for an end without one. */
function toClose(code: number, reason: string): [number, string] {
  const isSendable =
    code === 1000 || (code >= 1001 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || code >= 3000;
  return isSendable ? [code, reason] : [1000, ""];
}
