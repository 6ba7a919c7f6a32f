import { fieldValue, token } from "./grammar.ts";
import type { Outgoing } from "./port.ts";

/** How the length of a request's body is told: in bytes, by chunks, or not at all because there is none. */
export type Framing = number | "chunked" | null;

/**
 * The head of a request as it goes over the wire, one byte for each character (RFC 9112 §2, §3).
 *
 * @throws TypeError for a character that has no place there: it could end a line and begin a header of somebody's choice
 */
export function writeRequestHead({ method, path, headers }: Outgoing, host: string, framing: Framing): string {
  if (!token.test(method) || !target.test(path)) throw new TypeError("The request line is malformed.");
  let head = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n`;
  for (const name in headers) {
    const value = headers[name] ?? "";
    if (!token.test(name) || !fieldValue.test(value)) throw new TypeError("A header of the request is malformed.");
    head += `${name}: ${value}\r\n`;
  }
  if (framing === "chunked") head += "transfer-encoding: chunked\r\n";
  else if (framing !== null) head += `content-length: ${framing}\r\n`;
  return `${head}\r\n`;
}

const target = /^[\x21-\x7e]+$/;
