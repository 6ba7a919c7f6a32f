import { procedureTypeHeader, repeatHeader } from "@countersign/client/service";
import {
  type Arrival,
  createContext,
  protectedResource,
  Refusal,
  type Context as TrpcContext,
  walkRouter,
} from "@countersign/context";
import type { AnyRouter } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import type { TRPCRequestInfo } from "@trpc/server/http";
import { announceCounts, announceRefused, headersFor } from "./answer-headers.ts";
import type { Chassis } from "./chassis.ts";
import { type WatchedCounts, watchCounts } from "./limits/watch-counts.ts";
import { createTypeOf } from "./procedure-type.ts";
import { readDeadline } from "./read-deadline.ts";
import { readTrace } from "./read-trace.ts";
import { type Failure, toRefusedStream } from "./refused-stream.ts";
import { readRequestId } from "./request-id.ts";
import { isEventStream } from "./serve/event-streams.ts";
import { ConfigurationError } from "./settings/configuration-error.ts";

export type MountOptions = {
  /** The most calls that one HTTP request may carry; 20 unless told. */
  readonly maxBatchSize?: number | undefined;
};

/**
 * Answers tRPC calls below `/trpc`, each with the identity that this service verified itself.
 *
 * @throws RangeError for a limit that cannot be, ConfigurationError for the size of one that nobody declared
 */
export function mountTrpc(chassis: Chassis, router: AnyRouter, { maxBatchSize = 20 }: MountOptions) {
  const procedures = walkRouter(router);
  const paths = new Set(procedures.map(({ path }) => path));
  for (const { path, limits } of procedures) chassis.limits.declare(path, limits);
  refuseUnknownSizes(chassis);
  const typeOf = createTypeOf(procedures);
  const resource = protectedResource(chassis.issuer, chassis.service);
  return async (request: Request, peer: string): Promise<Response> => {
    const startedAt = performance.now();
    const requestId = readRequestId(request.headers);
    const names = { requestId, resource };
    const trace = chassis.tracer?.active()?.trace ?? readTrace(request.headers);
    const unguarded = (procedure: string, outcome: string) => {
      const milliseconds = performance.now() - startedAt;
      chassis.gate.settled({ procedure, outcome, milliseconds, userId: null, service: null, requestId, trace });
    };
    // tRPC answers it itself, whoever asks, and says nothing on caches
    if (request.method === "HEAD") return new Response(null, { status: 204, headers: headersFor([], names) });
    const failures: Failure[] = [];
    const streamed: Streamed = { said: new Headers(), counts: null, refused: null };
    const response = await fetchRequestHandler({
      endpoint: "/trpc",
      req: request,
      router,
      maxBatchSize,
      // services call each other by POST only: an input in a URL would end up in logs
      allowMethodOverride: true,
      createContext: async ({ resHeaders, info }) => {
        const address = chassis.clientAddress(peer, request.headers);
        const deadline = readDeadline(request.headers, chassis.now());
        const type = typeOf(info);
        if (type !== undefined) resHeaders.set(procedureTypeHeader, type);
        const isRepeat = request.headers.has(repeatHeader);
        const says = { requestId, trace, deadline, isRepeat, address };
        const arrival = { request, responseHeaders: resHeaders, ...says, log: chassis.log };
        const procedure = calledIn(info, paths);
        const isStreamed = info.accept === "application/jsonl";
        const context = await identified(chassis, arrival, procedure).catch((error: unknown) => {
          unguarded(procedure, chassis.gate.toRefusal(error).code);
          if (isStreamed) streamed.refused = error;
          throw error;
        });
        if (!isStreamed) return context;
        streamed.said = resHeaders;
        streamed.counts = watchCounts(context.gate);
        return { ...context, gate: streamed.counts.gate };
      },
      responseMeta: ({ errors }) => ({ headers: headersFor(errors, names) }),
      onError: (failure) => {
        failures.push(failure);
        const { error, path, type } = failure;
        if (path !== undefined && !paths.has(path)) unguarded("unknown", error.code);
        if (error.code !== "INTERNAL_SERVER_ERROR") return;
        chassis.log.error({ err: error.cause ?? error, requestId, procedure: path, type }, "A procedure failed.");
      },
    });
    if (streamed.counts !== null) await announceCounts(response.headers, streamed.said, streamed.counts);
    announceRefused(response.headers, failures);
    const failure = failures.find(({ error }) => isEventStream(response.headers) || error === streamed.refused);
    if (failure === undefined) return response;
    await response.body?.cancel();
    for (const [name, value] of headersFor([failure.error], names)) response.headers.set(name, value);
    return toRefusedStream(response, router, failure);
  };
}

/** A batch whose answers are streamed (JSONL): its status and headers leave before the calls are done. */
type Streamed = {
  /** What the calls wish the answer's headers to say. */
  said: Headers;
  counts: WatchedCounts | null;
  /** Why there is nobody to answer: then there is nothing to stream, and the status can say so. */
  refused: unknown;
};

/** A credential that is refused here never reaches a guard: it is a refusal of the first procedure that was called. */
async function identified(chassis: Chassis, arrival: Arrival, procedure: string): Promise<TrpcContext> {
  try {
    const context = await createContext(arrival, chassis);
    chassis.metrics.verified(context.user === null && context.service === null ? "anonymous" : "ok");
    return context;
  } catch (error) {
    const reason = error instanceof Refusal ? (error.reason ?? error.code) : "error";
    chassis.metrics.verified(reason);
    const isDenial = error instanceof Refusal && (error.code === "UNAUTHORIZED" || error.code === "FORBIDDEN");
    if (isDenial) {
      const { requestId, address } = arrival;
      chassis.gate.denied({ procedure, reason, userId: null, service: null, requestId, address });
    }
    throw error;
  }
}

/** The first procedure that a request calls; `unknown` for a path that is nobody's, which anyone could make up. */
function calledIn(info: TRPCRequestInfo, known: ReadonlySet<string>): string {
  const path = info.calls[0]?.path;
  return path !== undefined && known.has(path) ? path : "unknown";
}

/** A size for a limit of this service that nobody declares would be taken for one that holds. */
function refuseUnknownSizes({ service, limiter }: Chassis): void {
  const unknown = limiter.unknown().filter((name) => name.startsWith(`${service}.`));
  if (unknown.length > 0) throw new ConfigurationError(`LIMITS: ${service} has no limit called ${unknown.join(", ")}`);
}
