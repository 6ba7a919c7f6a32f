import type { Trace } from "@countersign/context";

/** `server`: answers a request; `client`: waits for another's answer; `internal`: a piece of work in between. */
export type SpanKind = "server" | "client" | "internal";

/** What is told about a span: words and numbers that say nothing of a user but ids, and never a credential. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** Which span is begun. */
export type SpanOptions = {
  readonly name: string;
  readonly kind: SpanKind;
  /** The span of a caller, as it came with the request; null begins a trace. Unless told: the span that runs here. */
  readonly parent?: Trace | null;
  readonly attributes?: Attributes;
};

/** A span that runs. */
export type Span = {
  /** What a callee is told, so that its spans hang below this one. */
  readonly trace: Trace;
  tell(attributes: Attributes): void;
  /** It went wrong: a word for the cause, never a message. */
  fail(reason: string): void;
};

/** Makes the spans of one service. */
export type Tracer = {
  /** The span within which this is asked, if it has not ended yet. */
  active(): Span | null;
  /** Does the work within a span that ends with it; one whose work rejects has failed. */
  span<Result>(options: SpanOptions, work: (span: Span) => Promise<Result>): Promise<Result>;
  /** A stranger's trace: its ids are kept, whether it is recorded is decided anew. */
  readopt(trace: Trace): Trace;
};

/** The traces of one process, whose services each have a tracer. */
export type Tracing = {
  tracerOf(service: string): Tracer;
  /** Stands around the statements of a database: each is a span of whatever runs there. */
  readonly observe: <Result>(statement: string, run: () => Promise<Result>) => Promise<Result>;
  /** Sends what is recorded, for three seconds at most, and ends. */
  close(): Promise<void>;
};
