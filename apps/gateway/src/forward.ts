import { Refusal } from "@countersign/context";
import {
  type Answer,
  type Asked,
  type Incoming,
  isEventStream,
  limitReader,
  TransportError,
} from "@countersign/service";
import { limitCookies, limitSiteData } from "./answer-cookies.ts";
import { createPools } from "./balance/pools.ts";
import { cookieNamesFor, reservedNames } from "./cookies.ts";
import type { GatewayDeps } from "./deps.ts";
import { limitBody } from "./limit-body.ts";
import { createHeadersOf } from "./outgoing-headers.ts";
import type { Passage } from "./passage.ts";
import { type PassingRoute, targetOf } from "./routes.ts";
import { goesBack, hopByHopOf } from "./strip-headers.ts";

/** Passes a request on and the answer back, both as streams. */
export type Forwarder = (asked: Asked, passage: Passage) => Promise<Answer>;

/**
 * A forwarder over the instances of everything that the gateway leads to.
 *
 * What it gives back throws Refusal: PAYLOAD_TOO_LARGE for a body above the limit, SERVICE_UNAVAILABLE when
 * the service cannot be reached, GATEWAY_TIMEOUT when its answer does not begin in time, BAD_GATEWAY when that is no HTTP or
 * breaks off before any of it was passed on.
 */
export function createForwarder(deps: GatewayDeps): Forwarder {
  const { maxBodyBytes = 1024 * 1024, upstreamTimeoutMs: timeoutMs = 30_000 } = deps;
  const poolOf = createPools(deps);
  const headersOf = createHeadersOf(deps);
  const reserved = reservedNames(cookieNamesFor(deps.publicOrigin));

  return async (asked, passage) => {
    const { route } = passage;
    const length = Number(asked.headers.get("content-length") ?? 0);
    if (length > maxBodyBytes) throw tooLarge(maxBodyBytes);
    let exceeded = false;
    try {
      const limit = (stream: ReadableStream<Uint8Array>) => limitBody(stream, maxBodyBytes, () => (exceeded = true));
      const { isGone, method } = asked;
      const body = method === "GET" || method === "HEAD" ? null : await bodyOf(asked, limit);
      const headers = await headersOf(asked.headers, passage);
      const isUpgrade = route.face === "tunnel";
      const outgoing = { path: route.path, method, headers, body, isGone, timeoutMs, isUpgrade };
      const incoming = await poolOf(route).send(outgoing);
      limitSiteData(incoming.headers, route);
      return toAnswer(method, { ...incoming, cookies: limitCookies(incoming.cookies, route, reserved) });
    } catch (cause) {
      if (exceeded) throw tooLarge(maxBodyBytes);
      throw failureOf(route, cause);
    }
  };
}

/** A request that was not sent, and one without a byte of an answer, may be tried again; the others may have been worked on. */
function failureOf(route: PassingRoute, cause: unknown): Refusal {
  const name = nameOf(route);
  const reason = cause instanceof TransportError ? cause.code : "failed";
  const isUnsent = cause instanceof TransportError && cause.isUnsent;
  if (reason === "timed_out" && !isUnsent) {
    return new Refusal("GATEWAY_TIMEOUT", `The ${name} took too long to answer.`, { cause, reason });
  }
  if (reason === "malformed" || reason === "broken_off") {
    return new Refusal("BAD_GATEWAY", `The ${name} gave a faulty answer.`, { cause, reason });
  }
  const options = { cause, reason, retryAfterSeconds: 1 };
  return new Refusal("SERVICE_UNAVAILABLE", `The ${name} cannot be reached right now; try again.`, options);
}

function nameOf(route: PassingRoute): string {
  const target = targetOf(route);
  return target === "web" ? "web app" : `${target} service`;
}

/** Bodies up to this length are read before the request goes on: cheaper than a stream, and safe from slow senders. */
const collectedBytes = 64 * 1024;

async function bodyOf(asked: Asked, limit: (body: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array>) {
  const length = Number(asked.headers.get("content-length") ?? Number.NaN);
  if (length <= collectedBytes) return await asked.bytes();
  const stream = asked.stream();
  return stream === null ? new Uint8Array() : limit(stream);
}

function toAnswer(method: string, { status, headers, cookies, body, tunnel }: Incoming): Answer {
  const hopByHop = hopByHopOf(headers.get("connection"));
  for (const name of headers.keys()) if (!goesBack(name, hopByHop)) headers.delete(name);
  const hasNoBody = method === "HEAD" || status === 204 || status === 205 || status === 304;
  if (status === 205) headers.delete("content-length"); // RFC 9110 §15.3.6: it has none, whatever the service said
  if (tunnel !== undefined) return { status, headers, cookies, body: null, tunnel };
  return { status, headers, cookies, body: hasNoBody ? null : limited(body, headers) };
}

/** On Node the listener itself cuts off who does not read; Bun's shows no connection. */
function limited(body: Incoming["body"], headers: Answer["headers"]): Incoming["body"] {
  if (!("Bun" in globalThis) || !(body instanceof ReadableStream)) return body;
  return limitReader(body, { stallTimeoutMs: 30_000, wholeTimeoutMs: isEventStream(headers) ? undefined : 120_000 });
}

function tooLarge(maxBytes: number): Refusal {
  return new Refusal("PAYLOAD_TOO_LARGE", `The request's body is larger than the ${maxBytes} bytes allowed.`);
}
