import type { Dispatcher } from "undici";
import { collectedBytes, type Incoming, TransportError } from "./port.ts";

/**
 * Turns undici's callbacks into the beginning of an answer and its body. A short body of known length is collected, as
 * a stream would cost more than the rest of the request; every other one is passed on chunk by chunk, no faster than
 * it is read.
 */
export function receive(
  signal: AbortSignal,
  begin: (incoming: Incoming) => void,
  fail: (error: unknown) => void,
): Dispatcher.DispatchHandler {
  let sink: Sink | undefined;
  let end: (() => void) | undefined;

  return {
    onRequestStart(controller) {
      const abort = () => controller.abort(new TransportError("aborted"));
      if (signal.aborted) return abort();
      signal.addEventListener("abort", abort, { once: true });
      end = () => signal.removeEventListener("abort", abort);
    },
    onResponseStart(controller, status, received) {
      if (status < 200) return; // interim answers (RFC 9110 §15.2) are between undici and the service
      const headers = toPairs(received);
      const length = Number(received["content-length"] ?? Number.NaN);
      sink = length <= collectedBytes ? collect((body) => begin({ status, headers, body }), fail) : stream(controller);
      if (sink.body !== undefined) begin({ status, headers, body: sink.body });
    },
    onResponseData(_controller, chunk) {
      sink?.write(chunk);
    },
    onResponseEnd() {
      end?.();
      sink?.close();
    },
    onResponseError(_controller, error) {
      end?.();
      if (sink === undefined) fail(error);
      else if (signal.aborted) sink.leave(error);
      else sink.fail(error);
    },
  };
}

/** How far a streamed body may run ahead of its reader. */
const bufferedBytes = 64 * 1024;

type Sink = {
  readonly body?: ReadableStream<Uint8Array>;
  write(chunk: Buffer): void;
  close(): void;
  fail(error: unknown): void;
  /** The client has gone: nobody is left to be told of an error. */
  leave(error: unknown): void;
};

function collect(done: (body: Uint8Array<ArrayBuffer>) => void, fail: (error: unknown) => void): Sink {
  const chunks: Buffer[] = [];
  return {
    write: (chunk) => void chunks.push(chunk),
    close: () => done(Buffer.concat(chunks)),
    fail,
    leave: fail,
  };
}

function stream(upstream: Dispatcher.DispatchController): Sink {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let open = true;
  const body = new ReadableStream<Uint8Array>(
    {
      start: (started) => {
        controller = started;
      },
      pull: () => upstream.resume(),
      cancel: () => {
        open = false;
        upstream.abort(new TransportError("aborted"));
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: bufferedBytes }),
  );
  const end = (how: (sink: ReadableStreamDefaultController<Uint8Array>) => void) => {
    if (open && controller !== undefined) how(controller);
    open = false;
  };
  return {
    body,
    write: (chunk) => {
      // After a pause undici reports empty chunks; passed on, each would be read, resume undici and bring the next one
      if (!open || chunk.length === 0) return;
      controller?.enqueue(chunk);
      if ((controller?.desiredSize ?? 0) <= 0) upstream.pause();
    },
    close: () => end((sink) => sink.close()),
    fail: (error) => end((sink) => sink.error(new TransportError("broken_off", error))),
    leave: () => end((sink) => sink.close()),
  };
}

function toPairs(received: Readonly<Record<string, string | string[] | undefined>>): [string, string][] {
  const pairs: [string, string][] = [];
  for (const name in received) {
    const value = received[name];
    if (typeof value === "string") pairs.push([name, value]);
    else for (const each of value ?? []) pairs.push([name, each]);
  }
  return pairs;
}
