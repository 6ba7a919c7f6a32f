import type { Tunnel } from "../transport/tunnel.ts";

/**
 * A request to be passed on rather than worked on. Nothing of it is made before it is needed: on Node a `Request` with its
 * `Headers`, URL and signal costs more than everything that the gateway decides about it.
 */
export type Asked = {
  readonly method: string;
  /** What the request line names: a path with its query, or a whole URL (RFC 9112 §3.2). */
  readonly target: string;
  /** By lower-case name; what came several times is joined, as Fetch does it (Fetch §2.2.2). */
  readonly headers: ReadonlyMap<string, string>;
  /** The peer's IP address as text; empty when the request did not come over a network. */
  readonly address: string;
  /** Whether the client has gone. To be told would cost every request a listener, and hardly anybody goes. */
  readonly isGone: () => boolean;
  /** The body, of any length, read once by either; `stream` is null where there is none. Both fail when it breaks off. */
  readonly bytes: () => Promise<Uint8Array<ArrayBuffer>>;
  readonly stream: () => ReadableStream<Uint8Array> | null;
  /** Whether it asks for a WebSocket (RFC 6455 §4.1), and may be answered by 101 with a tunnel; it has no body then. */
  readonly isUpgrade: boolean;
};

/** An answer on its way to the client. */
export type Answer = {
  readonly status: number;
  /** By lower-case name; what comes several times is joined by commas (RFC 9110 §5.3). */
  readonly headers: Map<string, string>;
  /** Each Set-Cookie, the one field that cannot be joined (RFC 6265 §3). */
  readonly cookies?: readonly string[];
  /** A stream that fails breaks the connection off, so that nobody takes what came for the whole. */
  readonly body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null;
  /** With status 101: the WebSocket that the client is joined to. */
  readonly tunnel?: Tunnel | undefined;
};

/** An application that answers such requests. */
export type Answering = (asked: Asked) => Promise<Answer>;
