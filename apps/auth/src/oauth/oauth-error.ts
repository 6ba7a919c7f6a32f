import type { ServiceName } from "@countersign/access";

/** The codes of RFC 6749 §5.2 and RFC 8707 §2 that are answered here, and one for a store that is down. */
export type OAuthErrorCode =
  | "invalid_request"
  | "invalid_client"
  | "invalid_grant"
  | "invalid_scope"
  | "invalid_target"
  | "unauthorized_client"
  | "unsupported_grant_type"
  | "temporarily_unavailable";

export type OAuthErrorOptions = {
  /** A word for the audit log: somebody was refused something. Without it nothing is written down. */
  readonly reason?: string;
  /** The client, once it is proved. */
  readonly client?: ServiceName;
  /** Somebody asked too often: how long to wait. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
};

/** An OAuth endpoint's "no". The description is for developers, names parameters and never a value. */
export class OAuthError extends Error {
  override readonly name = "OAuthError";
  readonly code: OAuthErrorCode;
  /** Neither is ever sent. */
  readonly reason: string | null;
  readonly client: ServiceName | null;
  readonly retryAfterSeconds: number | null;

  constructor(code: OAuthErrorCode, description: string, options: OAuthErrorOptions = {}) {
    super(description, { cause: options.cause });
    this.code = code;
    this.reason = options.reason ?? null;
    this.client = options.client ?? null;
    this.retryAfterSeconds = options.retryAfterSeconds ?? null;
  }
}

/**
 * RFC 6749 §5.2: 400, and 401 for a client that did not prove itself. What could be decided later is 503, or 429
 * (RFC 6585 §4) for who asked too often.
 */
export function statusOfOAuthError({ code, retryAfterSeconds }: OAuthError): 400 | 401 | 429 | 503 {
  if (code === "invalid_client") return 401;
  if (code !== "temporarily_unavailable") return 400;
  return retryAfterSeconds === null ? 503 : 429;
}
