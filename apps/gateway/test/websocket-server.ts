import { createHash } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

export type WebSocketServer = {
  readonly origin: string;
  /** The requests for a WebSocket that came. */
  readonly asked: readonly IncomingMessage[];
  readonly open: ReadonlySet<Duplex>;
  close(): Promise<void>;
};

/**
 * A bare web app that greets every WebSocket with `hello` in the same packet as its answer, and sends each short text message
 * back. `/refused` is answered 403; `/wrong` with a key of its own.
 */
export async function startWebSocketServer(): Promise<WebSocketServer> {
  const asked: IncomingMessage[] = [];
  const open = new Set<Duplex>();
  const server = createServer((_request, response) => response.end("a page"));
  server.on("upgrade", (request, socket) => {
    asked.push(request);
    socket.on("error", () => socket.destroy());
    if (request.url === "/refused") return void socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno");
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.write(Buffer.concat([Buffer.from(toHead(request), "latin1"), toFrame(Buffer.from("hello"))]));
    socket.on("data", (bytes: Buffer) => {
      for (const { opcode, data } of readFrames(bytes)) {
        if (opcode === 1) socket.write(toFrame(data));
        if (opcode === 8) socket.end(Buffer.from([0x88, 0]));
      }
    });
    socket.on("end", () => socket.end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // a TCP listener has one
  return {
    origin: `http://127.0.0.1:${port}`,
    asked,
    open,
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function toHead({ headers, url }: IncomingMessage): string {
  const key = url === "/wrong" ? "wrong" : (headers["sec-websocket-key"] ?? "");
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  const [protocol] = (headers["sec-websocket-protocol"] ?? "").split(",");
  const chosen = protocol === "" ? "" : `sec-websocket-protocol: ${protocol}\r\n`;
  const upgraded = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n";
  return `${upgraded}sec-websocket-accept: ${accept}\r\n${chosen}set-cookie: auth_token=evil\r\nset-cookie: sid=2\r\n\r\n`;
}

/** RFC 6455 §5.2, for texts below 126 bytes. */
function toFrame(text: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x81, text.length]), text]);
}

function* readFrames(bytes: Buffer): Generator<{ opcode: number; data: Buffer }> {
  for (let at = 0; at + 6 <= bytes.length; ) {
    const length = (bytes[at + 1] ?? 0) & 0x7f;
    const mask = bytes.subarray(at + 2, at + 6);
    const data = bytes.subarray(at + 6, at + 6 + length).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
    yield { opcode: (bytes[at] ?? 0) & 0x0f, data: Buffer.from(data) };
    at += 6 + length;
  }
}
