import { Agent, type Dispatcher, errors } from "undici";
import { type Incoming, isConnectFailure, type Outgoing, type Transport, TransportError } from "./port.ts";
import { receive } from "./receive.ts";

/**
 * The transport for Node: undici's dispatcher, which costs a fifth of what `fetch` does there. Connections are pooled
 * for each service; their number is not capped, because every subscription holds one.
 */
export function createUndiciTransport(): Transport {
  const agent = new Agent({ connect: { timeout: connectTimeoutMs }, pipelining: 1 });
  return {
    forward: (outgoing) =>
      new Promise<Incoming>((resolve, reject) => {
        const fail = (error: unknown) => reject(toTransportError(error));
        agent.dispatch(toOptions(outgoing), receive(outgoing.signal, resolve, fail));
      }),
    close: () => agent.destroy(),
  };
}

const connectTimeoutMs = 1_000;

/** How long a service may fall silent in the middle of an answer that is no stream of events. */
const silenceMs = 60_000;

function toOptions({ origin, path, method, headers, body, timeoutMs }: Outgoing): Dispatcher.DispatchOptions {
  return {
    origin,
    path,
    method,
    headers,
    body: body as Uint8Array | null, // a ReadableStream is an async iterable, which undici sends chunked
    headersTimeout: timeoutMs,
    bodyTimeout: headers["accept"]?.includes("text/event-stream") ? 0 : silenceMs,
  };
}

function toTransportError(error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  const late = error instanceof errors.HeadersTimeoutError || error instanceof errors.ConnectTimeoutError;
  return new TransportError(late ? "timed_out" : "unreachable", error, { isUnsent: isConnectFailure(error) });
}
