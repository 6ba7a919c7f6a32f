/** Why a token was refused: one code for each cause, for logs, metrics and the audit trail. Never shown to a caller. */
export const tokenErrorMessages = {
  too_large: "longer than any token of ours",
  not_compact: "not three parts joined by dots",
  bad_encoding: "a part is not canonical base64url",
  bad_json: "a part is not the JSON text of an object",
  duplicate_member: "a JSON object repeats a member",
  unknown_header: "the header holds a member that has no place there",
  wrong_type: "the header's typ is not the expected one",
  wrong_algorithm: "the algorithm is not allowed here",
  bad_key_id: "the header's kid is missing or has no sane shape",
  bad_claims: "a claim is missing, malformed or does not belong to this class",
  wrong_class: "this class of token is not accepted here",
  actor_too_deep: "the chain of actors is too long",
  wrong_issuer: "issued by somebody else",
  wrong_audience: "meant for somebody else",
  lives_too_long: "lives longer than its class may",
  issued_in_future: "issued in the future",
  not_yet_valid: "not valid yet",
  expired: "expired",
  unknown_key: "the issuer publishes no such key",
  revoked_key: "the key was revoked",
  bad_signature: "the signature does not match",
  twin_signature: "the signature is the second form of another one",
  not_active: "the authorization server says that it is worth nothing",
  keys_unavailable: "the issuer's keys cannot be had at the moment",
} as const;

/** The closed set of causes. `keys_unavailable` alone says nothing about the token: answer "try again", not "refused". */
export type TokenErrorCode = keyof typeof tokenErrorMessages;

/** What every function of this package throws about a token. Its message names codes and claims, never a value. */
export class TokenError extends Error {
  override readonly name = "TokenError";
  readonly code: TokenErrorCode;
  /** The claim at fault, when the code alone does not say it. */
  readonly claim: string | undefined;

  constructor(code: TokenErrorCode, options: { claim?: string; cause?: unknown } = {}) {
    const about = options.claim === undefined ? "" : ` (${options.claim})`;
    super(`${code}: ${tokenErrorMessages[code]}${about}`, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.claim = options.claim;
  }
}
