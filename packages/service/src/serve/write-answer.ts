import type { ServerResponse } from "node:http";
import type { Answer } from "./asked.ts";
import { drained } from "./drained.ts";

/**
 * Writes an answer to Node's listener; what is a stream goes on after this returns.
 *
 * @throws TypeError for a header that cannot be written
 */
export function writeAnswer({ status, headers, cookies = [], body }: Answer, to: ServerResponse): void {
  const fields: string[] = [];
  for (const [name, value] of headers) fields.push(name, value);
  for (const cookie of cookies) fields.push("set-cookie", cookie);
  if (body instanceof ReadableStream) {
    to.writeHead(status, fields);
    void pump(body, to).catch(() => to.destroy()); // whose fault it was is known, and logged, where it comes from
    return;
  }
  if (!headers.has("content-length") && hasLength(status, body, to)) {
    fields.push("content-length", String(Buffer.byteLength(body ?? "")));
  }
  to.writeHead(status, fields);
  if (body === null) to.end();
  else if (typeof body === "string" || body.length > shortBytes) to.end(body);
  else to.end(Buffer.from(body.buffer, body.byteOffset, body.length).toString("latin1"), "latin1");
}

/** Up to this length bytes are written as a string, one character for each, because Node then writes head and body at once. */
const shortBytes = 16 * 1024;

/** No faster than it is taken. One that breaks off breaks the connection off. */
async function pump(body: ReadableStream<Uint8Array>, to: ServerResponse): Promise<void> {
  const reader = body.getReader();
  const leave = () => void reader.cancel().catch(() => undefined); // nobody is left to be told
  if (to.destroyed) return leave();
  to.once("close", leave);
  to.flushHeaders();
  try {
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
      if (!to.write(value)) await drained(to);
    }
    to.end();
  } finally {
    to.off("close", leave);
  }
}

/** RFC 9110 §8.6. What a HEAD would have been answered at length is known to whoever made no body. */
function hasLength(status: number, body: Answer["body"], { req }: ServerResponse): boolean {
  return status >= 200 && status !== 204 && status !== 304 && (body !== null || req.method !== "HEAD");
}
