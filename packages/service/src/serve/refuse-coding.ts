import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Whether a body is in chunks and nothing else (RFC 9112 §6.1). Nothing here decodes `gzip, chunked`. */
export function isKnownCoding(coding: string | null | undefined): boolean {
  return coding === null || coding === undefined || coding.toLowerCase() === "chunked";
}

/**
 * Answers 501 to a request in another transfer coding, 400 to one of HTTP/1.0, which has none, and ends the connection.
 * Node's parser has read on by then: what it takes for further requests on the connection is refused, too.
 *
 * @returns whether the request was refused
 */
export function createCodingCheck(): (incoming: IncomingMessage, outgoing: ServerResponse) => boolean {
  const refused = new WeakSet<Socket>();
  return ({ headers, httpVersion, socket }, outgoing) => {
    if (refused.has(socket)) return true;
    const coding = headers["transfer-encoding"];
    if (coding === undefined || (isKnownCoding(coding) && httpVersion !== "1.0")) return false;
    refused.add(socket);
    outgoing.writeHead(isKnownCoding(coding) ? 400 : 501, { connection: "close", "cache-control": "no-store" }).end();
    return true;
  };
}
