import { statusOf, type Context as TrpcContext } from "@countersign/context";
import { type AnyRouter, getTRPCErrorShape, type TRPCError, type TRPCProcedureType } from "@trpc/server";

/** What tRPC tells of a call that failed. */
export type Failure = {
  readonly error: TRPCError;
  readonly type: TRPCProcedureType | "unknown";
  readonly path: string | undefined;
  readonly input: unknown;
  readonly ctx: TrpcContext | undefined;
};

/**
 * A stream that is refused before it begins, as every other refusal is answered: with its status, and the error as JSON.
 * tRPC itself says 200; the error of a subscription it makes an event of the stream, which a client takes for a broken
 * connection and asks for again, and that of a streamed batch it repeats for each call.
 *
 * @param response what tRPC made of it; its headers are kept
 */
export function toRefusedStream(response: Response, router: AnyRouter, failure: Failure): Response {
  const error: unknown = getTRPCErrorShape({ config: router._def._config, ...failure });
  const headers = new Headers(response.headers);
  headers.set("content-type", "application/json");
  headers.delete("connection"); // both are of a stream
  headers.delete("transfer-encoding");
  return Response.json({ error }, { status: statusOf(failure.error), headers });
}
