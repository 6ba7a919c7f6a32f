/** The codes of RFC 6749 §5.2 and RFC 8707 §2 that are answered here, and our own for a store that is down. */
export type OAuthErrorCode =
  | "invalid_request"
  | "invalid_client"
  | "invalid_scope"
  | "invalid_target"
  | "unauthorized_client"
  | "unsupported_grant_type"
  | "temporarily_unavailable";

/** An OAuth endpoint's "no". The description is for developers, names parameters and never a value. */
export class OAuthError extends Error {
  override readonly name = "OAuthError";
  readonly code: OAuthErrorCode;
  /** A word for the audit log; never sent. */
  readonly reason: string;

  constructor(
    code: OAuthErrorCode,
    description: string,
    options: { readonly reason?: string; readonly cause?: unknown } = {},
  ) {
    super(description, { cause: options.cause });
    this.code = code;
    this.reason = options.reason ?? code;
  }
}

/** RFC 6749 §5.2: 400, and 401 for a client that did not prove itself. */
export function statusOfOAuthError(code: OAuthErrorCode): 400 | 401 | 503 {
  if (code === "invalid_client") return 401;
  return code === "temporarily_unavailable" ? 503 : 400;
}
