import { type Incoming, isConnectFailure, type Outgoing, type Transport, TransportError } from "./port.ts";

/** The part of `fetch` that the transport uses; `app.fetch` of another app can be wrapped into one. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** The transport for Bun, whose `fetch` is cheap, and for services in the same process. */
export function createFetchTransport(fetch: Fetch): Transport {
  return { forward: (outgoing) => send(fetch, outgoing), close: () => Promise.resolve() };
}

async function send(fetch: Fetch, outgoing: Outgoing): Promise<Incoming> {
  const ending = new AbortController();
  const abort = () => ending.abort(new TransportError("aborted"));
  if (outgoing.signal.aborted) abort();
  outgoing.signal.addEventListener("abort", abort, { once: true });
  const timer = setTimeout(() => ending.abort(new TransportError("timed_out")), outgoing.timeoutMs);
  try {
    const response = await Promise.race([
      fetch(outgoing.origin + outgoing.path, toInit(outgoing, ending.signal)),
      endOf(ending.signal),
    ]);
    return { status: response.status, headers: response.headers, body: response.body };
  } catch (error) {
    outgoing.signal.removeEventListener("abort", abort);
    throw toTransportError(error);
  } finally {
    clearTimeout(timer);
  }
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

/** A service in the same process does not watch the signal: it is left behind when the signal ends the request. */
function endOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const end = () => reject(toTransportError(signal.reason));
    if (signal.aborted) end();
    signal.addEventListener("abort", end, { once: true });
  });
}

function toTransportError(error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  return new TransportError("unreachable", error, { isUnsent: isConnectFailure(error) });
}
