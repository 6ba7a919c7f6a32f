import type { Duplex } from "node:stream";

/**
 * A WebSocket (RFC 6455) that a server has agreed to, on its way to the client: on Node the bytes of its connection, on Bun,
 * whose listener shows messages alone, what comes and goes as messages.
 */
export type Tunnel = {
  readonly server: Duplex | MessageSocket;
  /** Bytes that came behind the server's answer; empty on Bun. */
  readonly head: Uint8Array;
  /** Calls `over` when it has ended. */
  readonly onClose: (over: () => void) => void;
  /** Ends it, also before a client has it. */
  readonly destroy: () => void;
};

export type Message = string | Uint8Array<ArrayBuffer>;

/** A WebSocket message by message. */
export type MessageSocket = {
  send(message: Message): void;
  /** Bytes that are sent and not yet taken. */
  waiting(): number;
  close(code: number, reason: string): void;
  /** Gives every message, those first that have come before, and the code and reason of the end. */
  receive(events: MessageEvents): void;
};

export type MessageEvents = {
  readonly message: (message: Message) => void;
  readonly closed: (code: number, reason: string) => void;
};

/** Whether a request asks for a WebSocket (RFC 6455 §4.1). One with a body is none, whatever it asks for. */
export function asksForWebSocket(method: string, headers: ReadonlyMap<string, string>): boolean {
  if (headers.get("upgrade")?.toLowerCase() !== "websocket" || method !== "GET") return false;
  const isUpgrade = /(^|[\s,])upgrade($|[\s,])/i.test(headers.get("connection") ?? "");
  const hasBody = headers.has("content-length") || headers.has("transfer-encoding");
  return isUpgrade && !hasBody && headers.has("sec-websocket-key");
}
