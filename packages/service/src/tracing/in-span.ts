import type { AsyncLocalStorage } from "node:async_hooks";
import {
  type Span as Recorded,
  type Tracer as Recorder,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace as traces,
} from "@opentelemetry/api";
import { fromSpanContext, toSpanContext } from "./span-context.ts";
import type { Span, SpanOptions } from "./tracing.ts";

/** What runs: followed by where it was begun, also by whom it was not meant for once it has ended. */
export type Running = {
  readonly span: Span;
  readonly recorder: Recorder;
  readonly context: SpanContext;
  open: boolean;
};

/** Where spans are followed and made. */
export type Stage = { readonly running: AsyncLocalStorage<Running>; readonly recorder: Recorder };

const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL };

/** What runs here and has not ended: work that is left behind, such as a stream, adds nothing to a span that is over. */
export function activeIn(running: AsyncLocalStorage<Running>): Running | null {
  const found = running.getStore();
  return found?.open === true ? found : null;
}

/** Does the work within a span of its own. */
export async function inSpan<Result>(
  stage: Stage,
  options: SpanOptions,
  work: (span: Span) => Promise<Result>,
): Promise<Result> {
  const { recorded, tracestate } = begin(stage, options);
  const span = toSpan(recorded, tracestate);
  const context = recorded.spanContext();
  const running: Running = { span, recorder: stage.recorder, context, open: true };
  try {
    return await stage.running.run(running, () => work(span));
  } catch (error) {
    span.fail(wordFor(error));
    throw error;
  } finally {
    running.open = false;
    recorded.end();
  }
}

function begin({ running, recorder }: Stage, { name, kind, parent, attributes = {} }: SpanOptions) {
  const active = parent === undefined ? activeIn(running) : null;
  const above = parent ? toSpanContext(parent) : active?.context;
  const context = above === undefined ? ROOT_CONTEXT : traces.setSpanContext(ROOT_CONTEXT, above);
  const recorded = recorder.startSpan(name, { kind: kinds[kind], attributes }, context);
  return { recorded, tracestate: parent?.tracestate ?? active?.span.trace.tracestate ?? null };
}

function toSpan(recorded: Recorded, tracestate: string | null): Span {
  return {
    trace: fromSpanContext(recorded.spanContext(), tracestate),
    tell: (attributes) => void recorded.setAttributes(attributes),
    fail(reason) {
      recorded.setStatus({ code: SpanStatusCode.ERROR });
      recorded.setAttribute("error.type", reason);
    },
  };
}

/** The code of an error, or its name: its message may hold what nobody should read. */
function wordFor(error: unknown): string {
  if (typeof error !== "object" || error === null) return "unknown";
  if ("code" in error && typeof error.code === "string") return error.code;
  return error instanceof Error ? error.name : "unknown";
}
