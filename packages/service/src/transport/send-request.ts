import type { Socket } from "node:net";
import { drained } from "../serve/drained.ts";
import type { Outgoing } from "./port.ts";
import { writeRequestHead } from "./request-head.ts";

/**
 * Writes a request to a connection. A body at hand goes with its head; a stream goes in chunks (RFC 9112 §7.1), no
 * faster than the service takes them, and `progressed` is told of each.
 *
 * @returns null when all of it is written, or what resolves once it is. It rejects when the body breaks off: the
 * connection has to be ended then, lest half a body pass for a whole one.
 * @throws TypeError for a request that cannot be written
 */
export function sendRequest(
  socket: Socket,
  outgoing: Outgoing,
  { host, progressed }: { readonly host: string; readonly progressed: () => void },
): Promise<void> | null {
  const { body } = outgoing;
  if (body instanceof ReadableStream) {
    socket.write(writeRequestHead(outgoing, host, "chunked"), "latin1");
    return sendChunks(socket, body, progressed);
  }
  const head = writeRequestHead(outgoing, host, body?.byteLength ?? null);
  if (body === null || body.byteLength === 0) socket.write(head, "latin1");
  else socket.write(Buffer.concat([Buffer.from(head, "latin1"), body]));
  return null;
}

async function sendChunks(socket: Socket, body: ReadableStream<Uint8Array>, progressed: () => void): Promise<void> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (socket.destroyed) throw new Error("The connection has ended.");
      if (done) break;
      if (value.length > 0 && !socket.write(toChunk(value))) await drained(socket); // an empty one would be the last
      progressed();
    }
    socket.write("0\r\n\r\n");
  } catch (error) {
    await reader.cancel(error).catch(() => undefined); // the first failure is the one to report
    throw error;
  }
}

function toChunk(bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
}
