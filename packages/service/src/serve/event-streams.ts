import type { Fetch } from "./types.ts";

/** An application whose streams of events can be ended from outside. */
export type EventStreams = {
  readonly fetch: Fetch;
  /** Ends every stream in good order, and each that begins from now on: whoever follows comes again elsewhere. */
  readonly end: () => void;
};

const whole = Symbol("whole");
type Markable = Response & { [whole]?: true };

/**
 * Says of an answer that it is no stream, so that the listener need not look: on Node the first look at headers that were
 * given as a record makes `Headers` of them, and to write those costs several times what it costs to write the record.
 */
export function markWhole(response: Markable): Response {
  response[whole] = true;
  return response;
}

/** A stream of events may last, and may be silent for as long as nothing happens; everything else may not. */
export function isEventStream(response: Response): boolean {
  if (whole in response) return false;
  return response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
}

/** A stream of events has no end to wait for: a listener that stops has to end it, or it is cut in the middle. */
export function endEventStreams(fetch: Fetch): EventStreams {
  const open = new Set<() => void>();
  let ended = false;

  function track(response: Response): Response {
    if (!isEventStream(response) || response.body === null) return response;
    const { body, end } = endable(response.body, () => open.delete(end));
    open.add(end);
    if (ended) end();
    return new Response(body, response);
  }

  return {
    async fetch(request, peer) {
      return track(await fetch(request, peer));
    },
    end() {
      ended = true;
      for (const endOne of open) endOne(); // each leaves the set as it ends, which a set allows
    },
  };
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
