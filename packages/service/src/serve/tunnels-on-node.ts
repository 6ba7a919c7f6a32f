import { type IncomingMessage, ServerResponse } from "node:http";
import { Duplex } from "node:stream";
import type { Answer, Answering } from "./asked.ts";
import { askedOnNode } from "./asked-on-node.ts";
import { writeAnswer } from "./write-answer.ts";

/** The WebSockets of a listener on Node, which end with it. */
export type Tunnels = {
  /** Answers a request that asks for a WebSocket, and joins the two connections when it is given one. */
  upgrade(incoming: IncomingMessage, client: Duplex, head: Buffer): Promise<void>;
  end(): void;
};

const keepAliveMs = 30_000;

export function createTunnels(answering: Answering): Tunnels {
  const open = new Set<() => void>();
  let isEnded = false;
  return {
    async upgrade(incoming, client, head) {
      client.on("error", () => client.destroy());
      const outgoing = new ServerResponse(incoming);
      outgoing.shouldKeepAlive = false;
      outgoing.assignSocket(incoming.socket);
      const answer = await answering(askedOnNode(incoming, outgoing, true));
      const { tunnel } = answer;
      if (tunnel === undefined) {
        outgoing.once("finish", () => client.end());
        return writeAnswer(answer, outgoing);
      }
      outgoing.detachSocket(incoming.socket);
      if (client.destroyed || isEnded || !(tunnel.server instanceof Duplex)) {
        client.destroy();
        return tunnel.destroy();
      }
      incoming.socket.setNoDelay(true).setKeepAlive(true, keepAliveMs); // whoever is gone without a word is noticed
      client.write(toHead(answer), "latin1");
      const end = join(client, tunnel.server, { fromClient: head, fromServer: tunnel.head });
      open.add(end);
      tunnel.onClose(() => open.delete(end));
    },
    end() {
      isEnded = true;
      for (const end of open) end();
    },
  };
}

/** Passes bytes on both ways, no faster than they are taken; when one side has ended, so has the other. Gives what ends both. */
function join(
  client: Duplex,
  server: Duplex,
  first: { readonly fromClient: Uint8Array; readonly fromServer: Uint8Array },
): () => void {
  const end = () => {
    client.destroy();
    server.destroy();
  };
  client.once("close", end);
  server.once("close", end);
  if (first.fromServer.length > 0) client.write(first.fromServer);
  if (first.fromClient.length > 0) server.write(first.fromClient);
  client.pipe(server);
  server.pipe(client);
  return end;
}

/** RFC 9110 §15.2.2. */
function toHead({ headers, cookies = [] }: Answer): string {
  const fields = [["connection", "Upgrade"], ["upgrade", "websocket"], ...headers];
  const lines = [...fields, ...cookies.map((cookie) => ["set-cookie", cookie])].map(
    ([name, value]) => `${name}: ${value}`,
  );
  return `HTTP/1.1 101 Switching Protocols\r\n${lines.join("\r\n")}\r\n\r\n`;
}
