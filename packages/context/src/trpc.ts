import { initTRPC, type TRPCError } from "@trpc/server";
import type { Context } from "./context.ts";
import { Refusal, refusals } from "./errors.ts";
import { describeInput } from "./input-errors.ts";
import type { Limit } from "./limit.ts";

/** What a procedure may declare beside its guard, by `.meta({ … })`. */
export type Meta = {
  /**
   * `cached`, the default, believes a verified token until it ends or a revocation arrives; `live` also asks auth
   * whether the session still stands, and refuses with SERVICE_UNAVAILABLE when it cannot know.
   */
  readonly freshness?: "cached" | "live";
  /** How often it may be called; each is counted per call, after the guard has admitted it and before any work. */
  readonly limits?: readonly Limit[];
};

/**
 * The one tRPC instance. `isDev` is set because its default would send stack traces unless NODE_ENV is production;
 * the error shape is ours: code, status, path, request id, and for malformed input the fields.
 */
export const t = initTRPC
  .context<Context>()
  .meta<Meta>()
  .create({
    isDev: false,
    // a stream that is cut without a word is noticed by its silence, at both ends
    sse: { ping: { enabled: true, intervalMs: 5_000 }, client: { reconnectAfterInactivityMs: 15_000 } },
    errorFormatter: ({ shape, error, ctx, path }) => ({
      code: shape.code,
      message: messageOf(error),
      data: {
        code: shape.data.code,
        httpStatus: shape.data.httpStatus,
        ...(path === undefined ? {} : { path }),
        ...(ctx === undefined ? {} : { requestId: ctx.requestId }),
        ...fieldsOf(error),
      },
    }),
  });

/** A tree of procedures. */
export const router = t.router;

function messageOf(error: TRPCError): string {
  if (error instanceof Refusal) return error.message;
  const fields = describeInput(error.cause);
  if (fields !== null)
    return `Malformed input: ${fields.map(({ field, problem }) => `${field}: ${problem}`).join("; ")}`;
  if (error.code === "PARSE_ERROR" || error.cause instanceof SyntaxError) return "The body is not valid JSON.";
  if (error.code === "INTERNAL_SERVER_ERROR") return refusals.INTERNAL_SERVER_ERROR.message;
  return error.message; // tRPC's own words on an unknown procedure, method or content type
}

function fieldsOf(error: TRPCError): { fields?: readonly { field: string; problem: string }[] } {
  if (error instanceof Refusal) {
    return error.field === undefined ? {} : { fields: [{ field: error.field, problem: error.message }] };
  }
  const fields = error.code === "BAD_REQUEST" ? describeInput(error.cause) : null;
  return fields === null ? {} : { fields };
}
