import { AuthorizationResponseError, ResponseBodyError } from "openid-client";
import { SignInProblem } from "./problem.ts";

/**
 * What went wrong at a provider, in our words. Nothing that the provider sent is kept in the detail beyond an error code of
 * the standards.
 */
export function toProblem(error: unknown): SignInProblem {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof SignInProblem) return cause;
    if (cause instanceof AuthorizationResponseError) return ofAuthorization(cause);
    if (cause instanceof ResponseBodyError) return ofToken(cause);
  }
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
  return new SignInProblem("faulty", { detail: wordOf(code), cause: error });
}

/** RFC 6749 §4.1.2.1 and OpenID Connect Core §3.1.2.6. */
function ofAuthorization(error: AuthorizationResponseError): SignInProblem {
  const detail = wordOf(error.error);
  if (cancelled.has(error.error)) return new SignInProblem("cancelled", { detail });
  const isDown = error.error === "server_error" || error.error === "temporarily_unavailable";
  return new SignInProblem(isDown ? "unavailable" : "misconfigured", { detail, cause: error });
}

const cancelled: ReadonlySet<string> = new Set([
  "access_denied",
  "login_required",
  "consent_required",
  "interaction_required",
  "account_selection_required",
  "user_cancelled_authorize", // Apple
]);

/** RFC 6749 §5.2: a code that is refused was used, foreign or late; everything else is about our registration. */
function ofToken(error: ResponseBodyError): SignInProblem {
  const isCode = error.error === "invalid_grant" || error.error === "bad_verification_code"; // the latter is GitHub's
  return new SignInProblem(isCode ? "faulty" : "misconfigured", { detail: wordOf(error.error), cause: error });
}

function wordOf(code: string): string {
  return /^[\w.-]{1,64}$/.test(code) ? code : "unknown";
}
