import { Refusal } from "@countersign/context";
import type { Credentials } from "./credentials.ts";
import type { GatewayDeps } from "./deps.ts";
import { limitBody } from "./limit-body.ts";
import type { ServiceRoute } from "./routes.ts";
import { goesBack, goesOn, hopByHopOf } from "./strip-headers.ts";
import { type Incoming, TransportError } from "./transport/port.ts";
import type { Caller } from "./trusted-proxies.ts";

/** What is settled about a request by the time it is passed on. */
export type Passage = {
  readonly route: ServiceRoute;
  readonly credentials: Credentials;
  readonly caller: Caller;
  readonly requestId: string;
};

/**
 * Passes a request on to its service and the answer back, both as streams.
 *
 * @throws {Refusal} PAYLOAD_TOO_LARGE for a body above the limit, SERVICE_UNAVAILABLE when no answer begins in time.
 */
export async function forward(deps: GatewayDeps, request: Request, passage: Passage): Promise<Response> {
  const { maxBodyBytes = 1024 * 1024, upstreamTimeoutMs = 30_000 } = deps;
  const { service, path } = passage.route;
  const length = Number(request.headers.get("content-length") ?? 0);
  if (length > maxBodyBytes) throw tooLarge(maxBodyBytes);

  let exceeded = false;
  const headers = headersFor(deps, request, passage);
  try {
    const limit = (stream: ReadableStream<Uint8Array>) => limitBody(stream, maxBodyBytes, () => (exceeded = true));
    const body = await bodyOf(request, limit);
    const { signal, method } = request;
    const outgoing = {
      origin: deps.upstreams[service],
      path,
      method,
      headers,
      body,
      signal,
      timeoutMs: upstreamTimeoutMs,
    };
    return toResponse(method, await deps.forward(outgoing));
  } catch (cause) {
    if (exceeded) throw tooLarge(maxBodyBytes);
    const reason = cause instanceof TransportError ? cause.code : "failed";
    const message = `The ${service} service cannot be reached right now; try again.`;
    throw new Refusal("SERVICE_UNAVAILABLE", message, { cause, reason, retryAfterSeconds: 1 });
  }
}

/** Bodies up to this length are read before the request goes on: cheaper than a stream, and safe from slow senders. */
const collectedBytes = 64 * 1024;

async function bodyOf(request: Request, limit: (body: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array>) {
  if (request.method === "GET" || request.method === "HEAD") return null;
  const length = Number(request.headers.get("content-length") ?? Number.NaN);
  if (length <= collectedBytes) return new Uint8Array(await request.arrayBuffer());
  return request.body === null ? new Uint8Array() : limit(request.body);
}

function headersFor(deps: GatewayDeps, request: Request, passage: Passage): Record<string, string> {
  const { credentials, caller, requestId } = passage;
  const hopByHop = hopByHopOf(request.headers);
  const headers: Record<string, string> = {};
  request.headers.forEach((value, name) => {
    if (goesOn(name, hopByHop)) headers[name] = value;
  });
  if (credentials.authorization !== undefined) headers["authorization"] = credentials.authorization;
  if (credentials.cookie !== undefined) headers["cookie"] = credentials.cookie;
  if (caller.address !== "") headers["x-forwarded-for"] = caller.address;
  const { protocol, host } = new URL(deps.publicOrigin);
  headers["x-forwarded-proto"] = protocol.slice(0, -1);
  headers["x-forwarded-host"] = host;
  headers["x-request-id"] = requestId;
  return headers;
}

function toResponse(method: string, { status, headers, body }: Incoming): Response {
  const hopByHop = hopByHopOf(headers);
  const kept = new Headers();
  headers.forEach((value, name) => {
    if (goesBack(name, hopByHop)) kept.append(name, value);
  });
  const hasNoBody = method === "HEAD" || status === 204 || status === 205 || status === 304;
  return new Response(hasNoBody ? null : body, { status, headers: kept });
}

function tooLarge(maxBytes: number): Refusal {
  return new Refusal("PAYLOAD_TOO_LARGE", `The request's body is larger than the ${maxBytes} bytes allowed.`);
}
