import { TRPCError } from "@trpc/server";
import type { Quota } from "./limit.ts";

/**
 * The one table of errors: our code, which is also tRPC's, to the HTTP status and to the words that are said when the
 * place that refuses has none of its own. Nothing else in the project decides a status.
 */
export const refusals = {
  BAD_REQUEST: { status: 400, message: "The input is malformed." },
  UNAUTHORIZED: { status: 401, message: "Sign in to do this." },
  FORBIDDEN: { status: 403, message: "You may not do this." },
  NOT_FOUND: { status: 404, message: "There is nothing here by that name." },
  CONFLICT: { status: 409, message: "This contradicts what is already there." },
  PAYLOAD_TOO_LARGE: { status: 413, message: "The request is too large." },
  TOO_MANY_REQUESTS: { status: 429, message: "Too many requests; wait, then try again." },
  SERVICE_UNAVAILABLE: { status: 503, message: "This cannot be decided right now; try again." },
  BAD_GATEWAY: { status: 502, message: "What this depends on gave a faulty answer." },
  GATEWAY_TIMEOUT: { status: 504, message: "What this depends on took too long to answer." },
  INTERNAL_SERVER_ERROR: { status: 500, message: "Something went wrong on our side." },
} as const;

/** Why a request is refused; closed, see `refusals`. */
export type RefusalCode = keyof typeof refusals;

export type RefusalOptions = {
  /** What led here; kept for the log, never sent. */
  readonly cause?: unknown;
  /** For TOO_MANY_REQUESTS and SERVICE_UNAVAILABLE: the Retry-After header, in seconds. */
  readonly retryAfterSeconds?: number;
  /** For TOO_MANY_REQUESTS: the limit that was reached, for the RateLimit headers. */
  readonly quota?: Quota;
  /** The field of the input that is at fault, as a path such as `items.0.quantity`. */
  readonly field?: string;
  /** A word for logs, metrics and audit, such as a token error's code; never sent. */
  readonly reason?: string;
};

/**
 * An answer of "no" that is meant for the caller: its message is sent as it stands, so it names what was wrong and what
 * to do, and never a secret or an internal.
 */
export class Refusal extends TRPCError {
  override readonly name = "Refusal";
  readonly retryAfterSeconds: number | undefined;
  readonly quota: Quota | undefined;
  readonly field: string | undefined;
  readonly reason: string | undefined;

  constructor(code: RefusalCode, message: string = refusals[code].message, options: RefusalOptions = {}) {
    super({ code, message, cause: options.cause });
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.quota = options.quota;
    this.field = options.field;
    this.reason = options.reason;
  }
}

/** Decides whether an unknown error means "cannot decide now" (a store that is down) rather than a fault of ours. */
export type IsUnavailable = (error: unknown) => boolean;

/**
 * Gives any thrown value its place in the table: a refusal stays itself, an error of tRPC's own keeps its code, a store
 * that is down becomes SERVICE_UNAVAILABLE, and everything else INTERNAL_SERVER_ERROR with the cause kept for the log.
 */
export function toRefusal(error: unknown, isUnavailable: IsUnavailable): TRPCError {
  if (error instanceof Refusal) return error;
  const cause = error instanceof TRPCError ? (error.cause ?? error) : error;
  if (cause instanceof Refusal) return cause;
  if (error instanceof TRPCError && error.code !== "INTERNAL_SERVER_ERROR") return error;
  if (isUnavailable(cause)) {
    return new Refusal("SERVICE_UNAVAILABLE", undefined, { cause, retryAfterSeconds: 1, reason: "store_unavailable" });
  }
  return new Refusal("INTERNAL_SERVER_ERROR", undefined, { cause });
}

/** The HTTP status of any error, for faces that do not speak tRPC. */
export function statusOf(error: TRPCError): number {
  return isRefusalCode(error.code) ? refusals[error.code].status : refusals.BAD_REQUEST.status;
}

function isRefusalCode(code: string): code is RefusalCode {
  return Object.hasOwn(refusals, code);
}
