import type { IncomingMessage, ServerResponse } from "node:http";
import { toAddress } from "./addresses.ts";
import type { Asked } from "./asked.ts";

/** What Node's listener gives, as `Asked`. */
export function askedOnNode(incoming: IncomingMessage, outgoing: ServerResponse, isUpgrade = false): Asked {
  return {
    method: incoming.method ?? "GET",
    target: incoming.url ?? "/",
    headers: toMap(incoming.rawHeaders),
    address: toAddress(incoming.socket.remoteAddress),
    // No getter: each object that is written with one has a hidden class of its own in V8, which keeps all that it sees
    isGone: () => outgoing.destroyed && !outgoing.writableFinished, // it is destroyed when it is whole, too
    bytes: () => readBytes(incoming),
    stream: () => (hasBody(incoming) ? toStream(incoming) : null),
    isUpgrade,
  };
}

/** Not `incoming.headers`, which drops the second of most headers that come twice. */
export function toMap(raw: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index]?.toLowerCase() ?? "";
    const value = raw[index + 1] ?? "";
    const said = headers.get(name);
    headers.set(name, said === undefined ? value : `${said}${name === "cookie" ? "; " : ", "}${value}`);
  }
  return headers;
}

/** RFC 9112 §6: one of the two says that there is a body. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || headers["content-length"] !== undefined;
}

function readBytes(incoming: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    const parts: Buffer<ArrayBuffer>[] = [];
    incoming.on("data", (part: Buffer<ArrayBuffer>) => void parts.push(part));
    incoming.on("end", () => resolve(Buffer.concat(parts)));
    incoming.on("error", reject);
    incoming.on("close", () => reject(brokenOff()));
  });
}

/** Reads no faster than it is read. What nobody wants any more is let go of, so that the connection can be used again. */
function toStream(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  let isOpen = true;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const end = (how: () => void) => {
          if (isOpen) how();
          isOpen = false;
        };
        incoming.on("data", (part: Buffer) => {
          if (!isOpen) return;
          controller.enqueue(part);
          incoming.pause();
        });
        incoming.on("end", () => end(() => controller.close()));
        incoming.on("error", (error) => end(() => controller.error(error)));
        incoming.on("close", () => end(() => controller.error(brokenOff())));
        incoming.pause();
      },
      pull: () => void incoming.resume(),
      cancel() {
        isOpen = false;
        incoming.resume();
      },
    },
    { highWaterMark: 0 },
  );
}

function brokenOff(): Error {
  return new Error("The request broke off.");
}
