import { Refusal } from "@countersign/context";
import { limitReader } from "@countersign/service";
import { type Answer, append } from "./answer.ts";
import { createPools } from "./balance/pools.ts";
import type { GatewayDeps } from "./deps.ts";
import { limitBody } from "./limit-body.ts";
import { createHeadersOf } from "./outgoing-headers.ts";
import type { Passage } from "./passage.ts";
import { type PassingRoute, targetOf } from "./routes.ts";
import { goesBack, hopByHopOf } from "./strip-headers.ts";
import { type Incoming, TransportError } from "./transport/port.ts";

/** Passes a request on and the answer back, both as streams. */
export type Forwarder = (request: Request, passage: Passage) => Promise<Answer>;

/**
 * A forwarder over the instances of everything that the gateway leads to.
 *
 * What it gives back throws Refusal: PAYLOAD_TOO_LARGE for a body above the limit, SERVICE_UNAVAILABLE when no answer
 * begins in time.
 */
export function createForwarder(deps: GatewayDeps): Forwarder {
  const { maxBodyBytes = 1024 * 1024, upstreamTimeoutMs: timeoutMs = 30_000 } = deps;
  const poolOf = createPools(deps);
  const headersOf = createHeadersOf(deps);

  return async (request, passage) => {
    const { route } = passage;
    const length = Number(request.headers.get("content-length") ?? 0);
    if (length > maxBodyBytes) throw tooLarge(maxBodyBytes);
    let exceeded = false;
    try {
      const limit = (stream: ReadableStream<Uint8Array>) => limitBody(stream, maxBodyBytes, () => (exceeded = true));
      const { signal, method } = request;
      const body = method === "GET" || method === "HEAD" ? null : await bodyOf(request, limit);
      const headers = await headersOf(request, passage);
      return toAnswer(method, await poolOf(route).send({ path: route.path, method, headers, body, signal, timeoutMs }));
    } catch (cause) {
      if (exceeded) throw tooLarge(maxBodyBytes);
      throw unavailable(route, cause);
    }
  };
}

function unavailable(route: PassingRoute, cause: unknown): Refusal {
  const reason = cause instanceof TransportError ? cause.code : "failed";
  const message = `The ${nameOf(route)} cannot be reached right now; try again.`;
  return new Refusal("SERVICE_UNAVAILABLE", message, { cause, reason, retryAfterSeconds: 1 });
}

function nameOf(route: PassingRoute): string {
  const target = targetOf(route);
  return target === "web" ? "web app" : `${target} service`;
}

/** Bodies up to this length are read before the request goes on: cheaper than a stream, and safe from slow senders. */
const collectedBytes = 64 * 1024;

async function bodyOf(request: Request, limit: (body: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array>) {
  const length = Number(request.headers.get("content-length") ?? Number.NaN);
  if (length <= collectedBytes) return new Uint8Array(await request.arrayBuffer());
  return request.body === null ? new Uint8Array() : limit(request.body);
}

function toAnswer(method: string, { status, headers, body }: Incoming): Answer {
  const hopByHop = hopByHopOf(connectionOf(headers));
  const kept = new Map<string, string>();
  const cookies: string[] = [];
  for (const [name, value] of headers) {
    if (name === "set-cookie") cookies.push(value);
    else if (goesBack(name, hopByHop)) append(kept, name, value);
  }
  const hasNoBody = method === "HEAD" || status === 204 || status === 205 || status === 304;
  return { status, headers: kept, cookies, body: hasNoBody ? null : limited(body, kept) };
}

function connectionOf(headers: Incoming["headers"]): string | null {
  let options: string | null = null;
  for (const [name, value] of headers) {
    if (name === "connection") options = options === null ? value : `${options},${value}`;
  }
  return options;
}

/** On Node the listener itself cuts off who does not read; Bun's shows no connection. */
function limited(body: Incoming["body"], headers: Answer["headers"]): Incoming["body"] {
  if (!("Bun" in globalThis) || !(body instanceof ReadableStream)) return body;
  const isStream = headers.get("content-type")?.startsWith("text/event-stream") ?? false;
  return limitReader(body, { stallTimeoutMs: 30_000, wholeTimeoutMs: isStream ? undefined : 120_000 });
}

function tooLarge(maxBytes: number): Refusal {
  return new Refusal("PAYLOAD_TOO_LARGE", `The request's body is larger than the ${maxBytes} bytes allowed.`);
}
