import {
  collectedBytes,
  type Incoming,
  isConnectFailure,
  type Outgoing,
  type Transport,
  TransportError,
} from "./port.ts";

/** The part of `fetch` that the transport uses; `app.fetch` of another app can be wrapped into one. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** The transport for Bun, whose `fetch` is cheap, and for services in the same process. */
export function createFetchTransport(fetch: Fetch): Transport {
  return { forward: (outgoing) => send(fetch, outgoing), close: () => Promise.resolve() };
}

/** A service in the same process does not watch the signal: it is left behind when the signal ends the request. */
function send(fetch: Fetch, outgoing: Outgoing): Promise<Incoming> {
  const { signal, timeoutMs } = outgoing;
  const ending = new AbortController();
  return new Promise<Incoming>((resolve, reject) => {
    const end = (code: TransportError["code"]) => {
      const error = new TransportError(code);
      ending.abort(error);
      reject(error);
    };
    const abort = () => end("aborted");
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    const timer = setTimeout(() => end("timed_out"), timeoutMs);
    const settled = (isStreaming: boolean) => {
      clearTimeout(timer);
      if (!isStreaming) signal.removeEventListener("abort", abort); // a stream is ended by the signal, too
    };
    exchange(fetch, outgoing, { signal: ending.signal, settled }).then(resolve, reject);
  });
}

type Exchange = { readonly signal: AbortSignal; readonly settled: (isStreaming: boolean) => void };

async function exchange(fetch: Fetch, outgoing: Outgoing, { signal, settled }: Exchange): Promise<Incoming> {
  try {
    const incoming = await receive(await fetch(outgoing.origin + outgoing.path, toInit(outgoing, signal)));
    settled(incoming.body instanceof ReadableStream);
    return incoming;
  } catch (error) {
    settled(false);
    throw toTransportError(error);
  }
}

async function receive(response: Response): Promise<Incoming> {
  const { status, headers } = response;
  const length = Number(headers.get("content-length") ?? Number.NaN);
  const body = length <= collectedBytes ? new Uint8Array(await response.arrayBuffer()) : response.body;
  return { status, headers: [...headers], body }; // to walk through `Headers` costs more than an array
}

/** `decompress` and `timeout` are Bun's: it would decode the answer, and give up on a silent one after five minutes. */
type Init = RequestInit & { duplex: "half"; decompress: false; timeout: false };

function toInit({ method, headers, body }: Outgoing, signal: AbortSignal): Init {
  return {
    method,
    headers: { "accept-encoding": "identity", ...headers }, // else fetch asks for encodings that the client did not
    body,
    signal,
    redirect: "manual",
    duplex: "half",
    decompress: false,
    timeout: false,
  };
}

function toTransportError(error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  return new TransportError("unreachable", error, { isUnsent: isConnectFailure(error) });
}
