import { type Operation, type OperationResultEnvelope, TRPCClientError } from "@trpc/client";
import type { AnyTRPCRouter } from "@trpc/server";

type Results = OperationResultEnvelope<unknown, TRPCClientError<AnyTRPCRouter>>;

/** The service knows its own paths only; the caller wrote the service's name in front. */
export function withPath(path: string, cause: unknown): TRPCClientError<AnyTRPCRouter> {
  const error = TRPCClientError.from<AnyTRPCRouter>(
    cause instanceof Error ? cause : new Error("Unknown error", { cause }),
  );
  const shape: unknown = error.shape;
  if (!isRecord(shape) || !isRecord(shape["data"])) return error;
  const named = { ...shape, data: { ...shape["data"], path } };
  return TRPCClientError.from({ error: named }, { ...(error.meta && { meta: error.meta }) });
}

/**
 * The same for errors that come within a result: a subscription that reconnects says why, and a streamed output fails when
 * it is read, long after the call itself went well.
 */
export function withNamedErrors({ path, context }: Operation, value: Results): Results {
  const { result } = value;
  if (result.type === "state") {
    return result.error === null ? value : { ...value, result: { ...result, error: withPath(path, result.error) } };
  }
  if (context["stream"] !== true || result.type === "started" || result.type === "stopped") return value;
  return { ...value, result: { ...result, data: withNamedParts(path, result.data) } };
}

/** tRPC streams promises and async iterables that stand in an output, in one another, or in plain objects there. */
function withNamedParts(path: string, part: unknown): unknown {
  if (part instanceof Promise) return namedPromise(path, part);
  if (isAsyncIterable(part)) return namedItems(path, part);
  if (!isRecord(part) || Object.getPrototypeOf(part) !== Object.prototype) return part;
  return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, withNamedParts(path, item)]));
}

function namedPromise(path: string, part: Promise<unknown>): Promise<unknown> {
  const named = part.then(
    (value) => withNamedParts(path, value),
    (error: unknown) => {
      throw toNamed(path, error);
    },
  );
  named.catch(() => undefined); // whoever reads it is told; a part that nobody reads must not end the process
  return named;
}

async function* namedItems(path: string, items: AsyncIterable<unknown>): AsyncGenerator<unknown, void, undefined> {
  try {
    for await (const item of items) yield withNamedParts(path, item);
  } catch (error) {
    throw toNamed(path, error);
  }
}

/** A connection that broke names no path. */
function toNamed(path: string, error: unknown): unknown {
  return error instanceof TRPCClientError ? withPath(path, error) : error;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
