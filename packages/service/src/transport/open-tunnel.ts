import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import { type AnswerHead, readAnswerHead } from "./answer-head.ts";
import { connectTo, type Destination } from "./connect-to.ts";
import { createHeadBuffer } from "./head-buffer.ts";
import { MalformedAnswer } from "./malformed-answer.ts";
import { type Incoming, type Outgoing, TransportError } from "./port.ts";
import { writeRequestHead } from "./request-head.ts";

const longestHead = 64 * 1024;

/**
 * Asks a server for a WebSocket over a connection of its own, by the client's own key and extensions. An answer that is no
 * 101 is given without its body.
 *
 * @throws {TransportError} as `Forward` does; `malformed` for a 101 that is none (RFC 6455 §4.1)
 */
export function openTunnel(outgoing: Outgoing, { origin, addresses }: Destination): Promise<Incoming> {
  const url = new URL(origin);
  const socket = connectTo(url, addresses);
  return new Promise((resolve, reject) => {
    const held = createHeadBuffer();
    let isConnected = false;
    let hasBegun = false;

    function settle(): void {
      clearTimeout(timer);
      socket.removeAllListeners("data").removeAllListeners("end").removeAllListeners("error");
      socket.on("error", () => socket.destroy()); // whoever has the tunnel hears of its end
    }

    function fail(code: TransportError["code"], cause?: unknown): void {
      settle();
      socket.destroy();
      reject(new TransportError(code, cause, { isUnsent: !isConnected }));
    }

    function read(bytes: Buffer): void {
      hasBegun = true;
      const all = held.add(bytes);
      const end = held.end();
      if (end === -1 && all.length <= longestHead) return;
      try {
        if (end === -1) throw new MalformedAnswer("head too long");
        const head = readAnswerHead(all.toString("latin1", 0, end));
        checkUpgrade(head, outgoing.headers["sec-websocket-key"] ?? "");
        settle();
        resolve(toIncoming(head, socket, all.subarray(end + 4)));
      } catch (cause) {
        fail("malformed", cause);
      }
    }

    const timer = setTimeout(() => fail(outgoing.isGone() ? "aborted" : "timed_out"), outgoing.timeoutMs);
    socket.once(url.protocol === "https:" ? "secureConnect" : "connect", () => {
      isConnected = true;
      const headers = { ...outgoing.headers, connection: "Upgrade", upgrade: "websocket" };
      socket.write(writeRequestHead({ ...outgoing, headers }, url.host, null), "latin1");
    });
    socket.on("data", read);
    socket.on("end", () => fail(hasBegun ? "broken_off" : "unreachable"));
    socket.on("error", (cause) => fail(hasBegun ? "broken_off" : "unreachable", cause));
  });
}

function checkUpgrade({ status, headers }: AnswerHead, key: string): void {
  if (status >= 200) return;
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  const isWebSocket = status === 101 && headers.get("upgrade")?.toLowerCase() === "websocket";
  if (!isWebSocket || headers.get("sec-websocket-accept") !== accept) throw new MalformedAnswer("upgrade");
}

function toIncoming({ status, headers, cookies }: AnswerHead, socket: Socket, head: Buffer): Incoming {
  if (status !== 101) {
    socket.destroy();
    for (const name of ["content-length", "transfer-encoding", "content-encoding", "content-type"])
      headers.delete(name);
    return { status, headers, cookies, body: null };
  }
  socket.pause();
  socket.setNoDelay(true).setKeepAlive(true, 30_000);
  const onClose = (over: () => void) => void (socket.destroyed ? over() : socket.once("close", over));
  return {
    status,
    headers,
    cookies,
    body: null,
    tunnel: { server: socket, head, onClose, destroy: () => void socket.destroy() },
  };
}
