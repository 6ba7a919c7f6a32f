import { TransportError } from "./port.ts";

/** Where the body of an answer goes. */
export type Sink = {
  write(part: Buffer): void;
  close(): void;
  fail(error: TransportError): void;
};

/** What a streamed body asks of the connection that it comes from. */
export type Source = { pause(): void; resume(): void; abandon(): void };

/** Who waits for the whole of a body. */
export type Collected = {
  readonly done: (body: Uint8Array<ArrayBuffer>) => void;
  readonly failed: (error: TransportError) => void;
};

/** Collects a short body of known length: a stream would cost more than the rest of the request. */
export function collect(length: number, { done, failed }: Collected): Sink {
  const parts: Buffer[] = [];
  return {
    write: (part) => void parts.push(part),
    close: () => done(joined(parts, length)),
    fail: failed,
  };
}

/** How far a streamed body may run ahead of its reader, in bytes. */
const bufferedBytes = 64 * 1024;

/** Passes a body on part by part, no faster than it is read. */
export function stream(source: Source): Sink & { readonly body: ReadableStream<Uint8Array> } {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      start: (started) => {
        controller = started;
      },
      // What is still read or cancelled once all has come is not the connection's business: it may carry another answer
      pull: () => {
        if (controller !== undefined) source.resume();
      },
      cancel: () => {
        if (controller === undefined) return;
        controller = undefined;
        source.abandon();
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: bufferedBytes }),
  );
  const end = (how: (open: ReadableStreamDefaultController<Uint8Array>) => void) => {
    const open = controller;
    controller = undefined;
    if (open !== undefined) how(open);
  };
  return {
    body,
    write(part) {
      controller?.enqueue(part);
      if ((controller?.desiredSize ?? 1) <= 0) source.pause();
    },
    close: () => end((open) => open.close()),
    // Once the client has gone nobody is left to be told of an error
    fail: (error) =>
      end((open) => (error.code === "aborted" ? open.close() : open.error(new TransportError("broken_off", error)))),
  };
}

function joined([first, ...others]: readonly Buffer[], length: number): Uint8Array<ArrayBuffer> {
  if (first === undefined) return new Uint8Array();
  return (others.length === 0 ? first : Buffer.concat([first, ...others], length)) as Buffer<ArrayBuffer>; // what a socket reads is in memory of its own
}
