import type { Tunnel } from "./tunnel.ts";

/** A request as it leaves the gateway: every header is already the one that the service shall see. */
export type Outgoing = {
  /** Where the service is reached, such as `http://127.0.0.1:4003`. */
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
  readonly method: string;
  /** By lower-case name. Framing and Host are the transport's business. */
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes at hand, or a stream of bytes of any length. */
  readonly body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null;
  /** Whether nobody waits for the answer any more: that ends the request, also while its answer is being read. */
  readonly isGone: () => boolean;
  /** How long the service may take until its answer begins, in milliseconds. */
  readonly timeoutMs: number;
  /** Whether it asks for a WebSocket, whose headers it has then; no by default. */
  readonly isUpgrade?: boolean;
};

/** The beginning of an answer. `body` fails when the service breaks off; cancelling it ends the request. */
export type Incoming = {
  readonly status: number;
  /** By lower-case name; what came several times is joined by commas. Whoever gets the answer may keep and change them. */
  readonly headers: Map<string, string>;
  /** Each Set-Cookie, the one field that cannot be joined. */
  readonly cookies: readonly string[];
  readonly body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null;
  /** The WebSocket that a server has agreed to, with status 101. */
  readonly tunnel?: Tunnel;
};

/**
 * Carries a request to a service as it is: nothing followed, nothing decoded, nothing tried again.
 *
 * @throws {TransportError} when no answer began.
 */
export type Forward = (outgoing: Outgoing) => Promise<Incoming>;

/** A way to the services. `close` lets go of its connections. */
export type Transport = { readonly forward: Forward; close(): Promise<void> };

/**
 * No answer began, or one broke off. The cause is for the log: it may hold an address.
 *
 * - `unreachable`: no connection came to be, or it ended before a byte of an answer
 * - `timed_out`: no answer began in time
 * - `aborted`: nobody waits for the answer any more
 * - `malformed`: what came is no answer in HTTP/1
 * - `broken_off`: an answer began and ended before it was whole
 */
export class TransportError extends Error {
  override readonly name = "TransportError";
  readonly code: "unreachable" | "timed_out" | "aborted" | "malformed" | "broken_off";
  /** Whether it is certain that nothing of the request was sent, because no connection came to be. */
  readonly isUnsent: boolean;

  constructor(code: TransportError["code"], cause?: unknown, { isUnsent = false } = {}) {
    super(`The request to the service failed: ${code}.`, { cause });
    this.code = code;
    this.isUnsent = isUnsent;
  }
}
