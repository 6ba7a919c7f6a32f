import { challengeOf, describeInput, protectedResource, Refusal, refusals, statusOf } from "@countersign/context";
import { announceQuota } from "@countersign/service";
import type { TRPCError } from "@trpc/server";
import { TRPC_ERROR_CODES_BY_KEY } from "@trpc/server/rpc";

/** Headers that the answer carries beside its own, such as cookies that are removed; and the public origin. */
type RefusedWith = { readonly headers: Headers; readonly issuer: string };

/**
 * The answer to a refused REST request: the table's status, the shape of tRPC's errors, so that one client reads both
 * faces, and for malformed input the fields.
 */
export function refuse(error: TRPCError, requestId: string, { headers, issuer }: RefusedWith): Response {
  const status = statusOf(error);
  const fields = fieldsOf(error);
  const body = {
    error: {
      code: TRPC_ERROR_CODES_BY_KEY[error.code],
      message: messageOf(error),
      data: { code: error.code, httpStatus: status, requestId, ...(fields === null ? {} : { fields }) },
    },
  };
  headers.set("cache-control", "no-store");
  headers.set("x-request-id", requestId);
  const challenge = challengeOf([error], protectedResource(issuer, null));
  if (challenge !== null) headers.set("www-authenticate", challenge);
  const { retryAfterSeconds: wait, quota } = error instanceof Refusal ? error : {};
  if (wait !== undefined) headers.set("retry-after", String(Math.ceil(wait)));
  if (quota !== undefined) announceQuota(headers, quota);
  return Response.json(body, { status, headers });
}

function messageOf(error: TRPCError): string {
  if (error instanceof Refusal) return error.message;
  const fields = describeInput(error.cause);
  if (fields === null) return refusals.BAD_REQUEST.message;
  return `Malformed input: ${fields.map(({ field, problem }) => `${field}: ${problem}`).join("; ")}`;
}

function fieldsOf(error: TRPCError) {
  if (error instanceof Refusal)
    return error.field === undefined ? null : [{ field: error.field, problem: error.message }];
  return describeInput(error.cause);
}
