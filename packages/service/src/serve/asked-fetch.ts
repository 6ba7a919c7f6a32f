import { asksForWebSocket } from "../transport/tunnel.ts";
import type { Answer, Answering, Asked } from "./asked.ts";
import type { Fetch } from "./types.ts";

/** The same application over `Request` and `Response`: what Bun's listener gives and takes, and tests too. */
export function toFetch(answering: Answering): Fetch {
  return async (request, { address }) => toResponse(await answering(toAsked(request, address)));
}

/** @param path the path as it was sent, where that is known and the URL may say otherwise */
export function toAsked(request: Request, address: string, path?: string): Asked {
  const { method, url } = request;
  const headers = toMap(request.headers);
  return {
    method,
    target: path === undefined ? targetOf(url) : path + queryOf(url),
    headers,
    address,
    isGone: () => request.signal.aborted,
    bytes: async () => new Uint8Array(await request.arrayBuffer()),
    stream: () => request.body,
    isUpgrade: asksForWebSocket(method, headers),
  };
}

function targetOf(url: string): string {
  return url.slice(url.indexOf("/", url.indexOf("://") + 3));
}

function queryOf(url: string): string {
  const start = url.indexOf("?");
  return start === -1 ? "" : url.slice(start);
}

function toMap(headers: Headers): Map<string, string> {
  const map = new Map<string, string>();
  headers.forEach((value, name) => void map.set(name, value)); // cheaper on Bun than to iterate over them
  return map;
}

export function toResponse({ status, headers, cookies = [], body }: Answer): Response {
  const fields = cookies.length === 0 ? Object.fromEntries(headers) : [...headers, ...cookies.map(toField)];
  return new Response(body, { status, headers: fields });
}

function toField(cookie: string): [string, string] {
  return ["set-cookie", cookie];
}
