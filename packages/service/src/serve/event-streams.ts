import type { Fields } from "../fields.ts";
import type { Answer } from "./asked.ts";

/** The streams of events that are open, which can be ended from outside. */
export type EventStreams = {
  /** The same stream, which ends in good order when `end` is called; `over` is called once, however it ends. */
  readonly track: (body: ReadableStream<Uint8Array>, over?: () => void) => ReadableStream<Uint8Array>;
  /** Ends every stream, and each that begins from now on: whoever follows comes again elsewhere. */
  readonly end: () => void;
};

/** A stream of events may last, and may be silent for as long as nothing happens; everything else may not. */
export function isEventStream(headers: Fields): boolean {
  return headers.get("content-type")?.startsWith("text/event-stream") ?? false;
}

/** A stream of events has no end to wait for: a listener that stops has to end it, or it is cut in the middle. */
export function createEventStreams(): EventStreams {
  const open = new Set<() => void>();
  let ended = false;
  return {
    track(source, over) {
      const { body, end } = endable(source, () => {
        open.delete(end);
        over?.();
      });
      open.add(end);
      if (ended) end();
      return body;
    },
    end() {
      ended = true;
      for (const endOne of open) endOne(); // each leaves the set as it ends, which a set allows
    },
  };
}

/** Called when the answer is a stream of events; gives what to call when that is over, if anything. */
export type StreamBegins = () => (() => void) | undefined;

/** The same answer; a stream of events is tracked, and `begins` is called for it. */
export function trackAnswer(answer: Answer, streams: EventStreams, begins: StreamBegins): Answer {
  const { body, headers } = answer;
  if (!(body instanceof ReadableStream) || !isEventStream(headers)) return answer;
  return { ...answer, body: streams.track(body, begins()) };
}

/** As `trackAnswer`. Not the body first: to look at it makes a stream of it. */
export function trackResponse(response: Response, streams: EventStreams, begins: StreamBegins): Response {
  if (!isEventStream(response.headers) || response.body === null) return response;
  return new Response(streams.track(response.body, begins()), response);
}

/** The same stream; `over` is called once, when it has ended, failed or been let go of. */
export function watchEnd(source: ReadableStream<Uint8Array>, over: () => void): ReadableStream<Uint8Array> {
  return endable(source, over).body;
}

function endable(source: ReadableStream<Uint8Array>, over: () => void) {
  const reader = source.getReader();
  let finish: (how: (controller: ReadableStreamDefaultController<Uint8Array>) => void) => void = () => undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        let isOver = false;
        finish = (how) => {
          if (isOver) return;
          isOver = true;
          over();
          how(controller);
        };
      },
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) finish(() => controller.close());
          else controller.enqueue(value);
        } catch (error) {
          finish(() => controller.error(error));
        }
      },
      cancel: (reason) => {
        finish(() => undefined);
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
  const end = () =>
    finish((controller) => {
      controller.close();
      void reader.cancel().catch(() => undefined); // it is over for us, however its source takes it
    });
  return { body, end };
}
