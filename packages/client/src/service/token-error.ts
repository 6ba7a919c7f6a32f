/**
 * Why a service could not get a token for another one:
 * - `unreachable`: the authorization server did not answer in time, or answered that it cannot (5xx, 429);
 * - `refused`: it answered with an error of RFC 6749 §5.2, such as `invalid_client` for an unknown key;
 * - `malformed`: it answered with something that is no token response of RFC 6749 §5.1.
 */
export type ServiceTokenErrorCode = "unreachable" | "refused" | "malformed";

/**
 * What was refused: the credential with which the service proves itself (RFC 6749 §5.2, `invalid_client`), or the user's
 * token that was to be exchanged (RFC 8693 §2.2.2).
 */
export type Refused = "credential" | "subject";

type ServiceTokenErrorOptions = ErrorOptions & { readonly refused?: Refused | undefined };

/** A token could not be had. The message names the callee and the code; never a token, an assertion or a body. */
export class ServiceTokenError extends Error {
  override readonly name = "ServiceTokenError";
  readonly code: ServiceTokenErrorCode;
  /** Undefined for what is neither, such as a callee that the policy does not allow. */
  readonly refused: Refused | undefined;

  constructor(code: ServiceTokenErrorCode, message: string, { refused, ...options }: ServiceTokenErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.refused = refused;
  }
}
