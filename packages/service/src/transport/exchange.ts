import { isEventStream } from "../serve/event-streams.ts";
import type { AnswerHead } from "./answer-head.ts";
import { type AnswerReader, createAnswerReader } from "./answer-reader.ts";
import type { Incoming, Outgoing, TransportError } from "./port.ts";
import { collect, type Sink, stream } from "./sink.ts";

/** One request and its answer on a connection. */
export type Exchange = {
  /** Takes what the service says. */
  readonly reader: AnswerReader;
  /** The service took a part of the request: the time in which it has to answer starts anew. */
  readonly moved: () => void;
  /** Why it has to end at this moment of `performance.now()`: the client has gone, or the service has let its time pass. */
  whyEnd(at: number): "aborted" | "timed_out" | null;
  /** No more of the answer will come. */
  fail(error: TransportError): void;
};

/** What an exchange asks of its connection. */
export type Wire = {
  pause(): void;
  resume(): void;
  /** Nobody wants the answer any more. */
  readonly abandon: () => void;
  /** The answer is whole; how long the connection may wait for another request, in milliseconds, or 0. */
  release(keepMs: number): void;
};

/** Who waits for the answer. */
export type Waiting = {
  readonly begins: (incoming: Incoming) => void;
  readonly fails: (error: TransportError) => void;
};

/** Bodies of answers up to this length are collected before they are passed on: a stream would cost more than the rest. */
const collectedBytes = 64 * 1024;

/** How long a service may fall silent in the middle of an answer that is no stream of events, in milliseconds. */
const silenceMs = 60_000;

export function createExchange({ method, isGone, timeoutMs }: Outgoing, wire: Wire, waiting: Waiting): Exchange {
  let sink: Sink | null = null;
  let mayTakeMs = timeoutMs;
  let dueAt = performance.now() + mayTakeMs;

  function moved(): void {
    dueAt = performance.now() + mayTakeMs;
  }

  function begins({ status, headers, cookies }: AnswerHead, length: number | null): void {
    mayTakeMs = isEventStream(headers) ? Number.POSITIVE_INFINITY : silenceMs;
    const begin = (body: Incoming["body"]) => waiting.begins({ status, headers, cookies, body });
    if (length !== null && length <= collectedBytes) {
      sink = collect(length, { done: begin, failed: waiting.fails });
      return;
    }
    const streamed = stream({ pause, resume, abandon: wire.abandon });
    sink = streamed;
    begin(streamed.body);
  }

  /** While its reader does not take it, an answer is late by no fault of the service's: the listener limits readers. */
  function pause(): void {
    dueAt = Number.POSITIVE_INFINITY;
    wire.pause();
  }

  function resume(): void {
    moved();
    wire.resume();
  }

  function data(part: Buffer): void {
    moved();
    sink?.write(part);
  }

  function ends(keepMs: number): void {
    wire.release(keepMs);
    sink?.close();
  }

  return {
    reader: createAnswerReader(method, { begins, data, ends }),
    moved,
    whyEnd(at) {
      if (isGone()) return "aborted";
      return at > dueAt ? "timed_out" : null;
    },
    fail(error) {
      if (sink === null) waiting.fails(error);
      else sink.fail(error);
    },
  };
}
