import { type Incoming, type Outgoing, TransportError } from "./port.ts";
import type { Message, MessageEvents, MessageSocket, Tunnel } from "./tunnel.ts";

/** What the runtime's client says itself, anew for its own connection. */
const ofHandshake: ReadonlySet<string> = new Set([
  "sec-websocket-key",
  "sec-websocket-version",
  "sec-websocket-extensions",
  "sec-websocket-protocol",
]);

/** Bun's client takes headers beside its protocols. */
type HeadedWebSocket = new (url: string, options: { headers: object; protocols?: string[] }) => WebSocket;

/**
 * Asks a server for a WebSocket with Bun's own client, since Bun's listener has messages to pass on, and no connection.
 *
 * @throws {TransportError} `unreachable` also where the server answers with another status, which the client does not tell
 */
export function openMessageTunnel({ origin, path, headers, timeoutMs }: Outgoing): Promise<Incoming> {
  const passed = Object.fromEntries(Object.entries(headers).filter(([name]) => !ofHandshake.has(name)));
  const asked = headers["sec-websocket-protocol"];
  const protocols = asked === undefined ? {} : { protocols: asked.split(",").map((name) => name.trim()) };
  const Client = WebSocket as unknown as HeadedWebSocket; // the global type knows no headers
  const socket = new Client(origin.replace(/^http/, "ws") + path, { headers: passed, ...protocols });
  socket.binaryType = "arraybuffer";
  const server = toMessageSocket(socket);
  return new Promise((resolve, reject) => {
    const fail = (code: TransportError["code"]) => {
      clearTimeout(timer);
      socket.close();
      reject(new TransportError(code));
    };
    const timer = setTimeout(() => fail("timed_out"), timeoutMs);
    socket.addEventListener("error", () => fail("unreachable"));
    socket.addEventListener("close", () => fail("unreachable"));
    socket.addEventListener("open", () => {
      clearTimeout(timer);
      const answered = new Map(socket.protocol === "" ? [] : [["sec-websocket-protocol", socket.protocol]]);
      resolve({ status: 101, headers: answered, cookies: [], body: null, tunnel: toTunnel(socket, server) });
    });
  });
}

function toTunnel(socket: WebSocket, server: MessageSocket): Tunnel {
  return {
    server,
    head: new Uint8Array(),
    onClose: (over) => {
      if (socket.readyState === WebSocket.CLOSED) over();
      else socket.addEventListener("close", over, { once: true });
    },
    destroy: () => socket.close(),
  };
}

/** Keeps what comes before somebody receives it: many servers greet at once. */
function toMessageSocket(socket: WebSocket): MessageSocket {
  const early: Message[] = [];
  let events: MessageEvents | undefined;
  let ended: [number, string] | undefined;
  socket.addEventListener("message", ({ data }: { readonly data: unknown }) => {
    const message = data instanceof ArrayBuffer ? new Uint8Array(data) : String(data);
    if (events === undefined) early.push(message);
    else events.message(message);
  });
  socket.addEventListener("close", ({ code, reason }) => {
    ended = [code, reason];
    events?.closed(code, reason);
  });
  return {
    send: (message) => socket.send(message),
    waiting: () => socket.bufferedAmount,
    close: (code, reason) => socket.close(code, reason),
    receive(given) {
      events = given;
      for (const message of early.splice(0)) given.message(message);
      if (ended !== undefined) given.closed(...ended);
    },
  };
}
