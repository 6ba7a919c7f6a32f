import type { ServiceName } from "@countersign/access";
import { TRPCClientError } from "@trpc/client";
import { TRPCError } from "@trpc/server";

import { codeOf } from "../code-of.ts";
import type { ServiceCall } from "./service-call.ts";
import { ServiceTokenError } from "./token-error.ts";

/** What a failed call means to the caller: a callee's answer about the input, or that the callee cannot be had. */
export type ServiceCallCode =
  | (typeof passedOn)[number]
  | "UNAUTHORIZED"
  | "FORBIDDEN"
  | "SERVICE_UNAVAILABLE"
  | "CLIENT_CLOSED_REQUEST";

/**
 * A call to another service failed. It is a `TRPCError`, so that a procedure may let it through: the code and message
 * are then right for the procedure's own caller. `cause` is for the log and stays inside.
 */
export class ServiceCallError extends TRPCError {
  override readonly name = "ServiceCallError";
  override readonly code: ServiceCallCode;
  readonly callee: ServiceName;
  /** Seconds after which it may be tried again: as the callee said, or soon where it cannot be had. */
  readonly retryAfterSeconds: number | undefined;

  constructor(callee: ServiceName, code: ServiceCallCode, options: ServiceCallErrorOptions = {}) {
    super({ code, message: options.message ?? defaultMessage(callee, code), cause: options.cause });
    this.code = code;
    this.callee = callee;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/**
 * Gives any failure of a call its meaning. A callee's answer about the input keeps its code and message, and so does what
 * a callee says of the user's rights, in a call that was made for a user. A user's token that auth does not exchange any
 * more is the user's UNAUTHORIZED: the session has ended, or the user's rights have changed, and trying again is no help.
 *
 * Everything else is SERVICE_UNAVAILABLE, and names what failed: a callee that is down, that answers out of shape, or that
 * refuses *us* (401, 403); auth, where it is auth that does not answer; the caller, whose credential auth refuses.
 */
export function toServiceCallError(call: FailedCall, error: unknown): ServiceCallError {
  const { callee, path, subject } = call;
  if (error instanceof ServiceTokenError) return ofToken(call, error);
  const retryAfterSeconds = retryAfterOf(error);
  const code = codeOf(error);
  const isOfUser = code === "FORBIDDEN" && subject !== null && subject !== undefined;
  const answer = isOfUser ? code : passedOn.find((passed) => passed === code);
  const message = error instanceof Error ? error.message : "";
  // A procedure that the callee does not have is a mistake between two services, not a thing that was not found.
  if (answer === undefined || message === `No procedure found on path "${path}"`) {
    return new ServiceCallError(callee, "SERVICE_UNAVAILABLE", {
      cause: error,
      retryAfterSeconds: retryAfterSeconds ?? 1,
    });
  }
  return new ServiceCallError(callee, answer, { message, cause: error, retryAfterSeconds });
}

/** No token for the call: nothing was sent. */
function ofToken({ caller, callee }: FailedCall, cause: ServiceTokenError): ServiceCallError {
  if (cause.refused === "subject") {
    return new ServiceCallError(callee, "UNAUTHORIZED", { message: subjectEnded, cause });
  }
  if (cause.refused === "credential") {
    const message = `The service ${caller} cannot act right now: auth refuses its credential.`;
    return new ServiceCallError(callee, "SERVICE_UNAVAILABLE", { message, cause });
  }
  if (cause.code === "refused") {
    const message = `The service ${caller} cannot act right now: auth gives it no token for ${callee}.`;
    return new ServiceCallError(callee, "SERVICE_UNAVAILABLE", { message, cause });
  }
  const message = defaultMessage("auth", "SERVICE_UNAVAILABLE");
  return new ServiceCallError(callee, "SERVICE_UNAVAILABLE", { message, cause, retryAfterSeconds: 1 });
}

/** The words with which a service itself refuses a token that has ended. */
const subjectEnded = "The access token is invalid or has ended; sign in again.";

type FailedCall = Pick<ServiceCall, "callee" | "path" | "subject"> & { readonly caller: ServiceName };

type ServiceCallErrorOptions = {
  readonly message?: string;
  readonly cause?: unknown;
  readonly retryAfterSeconds?: number | undefined;
};

const passedOn = ["BAD_REQUEST", "NOT_FOUND", "CONFLICT", "PAYLOAD_TOO_LARGE", "TOO_MANY_REQUESTS"] as const;

function defaultMessage(callee: ServiceName, code: ServiceCallCode): string {
  if (code === "CLIENT_CLOSED_REQUEST") return `The call to ${callee} was cancelled.`;
  return `The service ${callee} is not available right now; try again.`;
}

/** The Retry-After header in seconds (RFC 9110 §10.2.3); its form as a date is not used among our services. */
export function retryAfterOf(error: unknown): number | undefined {
  const response = error instanceof TRPCClientError ? error.meta?.["response"] : undefined;
  const header = response instanceof Response ? response.headers.get("retry-after") : null;
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) : undefined;
}
