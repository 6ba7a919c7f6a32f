export { toAccessPayload } from "./access-payload.ts";
export { claimedClass } from "./claimed-class.ts";
export {
  type AccessClaims,
  type Actor,
  type DelegatedClaims,
  maxActorDepth,
  type ServiceClaims,
  type TokenClass,
  tokenLife,
  type UserClaims,
} from "./claims.ts";
export { signClientAssertion, type VerifiedClient, verifyClientAssertion } from "./client-assertion.ts";
export { maxTokenLength } from "./compact.ts";
export { signDenialReport, type VerifiedDenialReport, verifyDenialReport } from "./denial-report.ts";
export { TokenError, type TokenErrorCode } from "./errors.ts";
export type { FetchKeySet } from "./fetch-key-set.ts";
export {
  type AssertedUser,
  type GatewayClaims,
  gatewayAssertionLife,
  signGatewayAssertion,
  verifyGatewayAssertion,
} from "./gateway-assertion.ts";
export { generateSigningKey } from "./generate-signing-key.ts";
export { importSigningKey } from "./import-signing-key.ts";
export { createInsecureMixedKeySet } from "./insecure-mixed-key-set.ts";
export { createInsecureSharedSecretKeySet, importInsecureSharedSecret } from "./insecure-shared-secret.ts";
export { toIssuedAt } from "./issued-at.ts";
export {
  type Algorithm,
  type AsymmetricAlgorithm,
  asymmetricAlgorithms,
  type PrivateJwk,
  type PublicJwk,
} from "./jwk.ts";
export { KeySetError, type KeySetFailure } from "./key-set-error.ts";
export { type KeySetLimits, keySetLimits } from "./key-set-limits.ts";
export type { KeySource } from "./key-source.ts";
export { createLocalKeySet } from "./local-key-set.ts";
export { createRefreshTokens, type RefreshTokens } from "./refresh-tokens.ts";
export { createRemoteKeySet } from "./remote-key-set.ts";
export type { KeySetState, RemoteKeySet, RemoteKeySetOptions } from "./remote-key-set-types.ts";
export {
  type FeedPosition,
  peekFeedPosition,
  type SecurityEvent,
  type SecurityEventParties,
  signSecurityEvent,
  verifySecurityEvent,
} from "./security-event.ts";
export { servicesOf } from "./services-of.ts";
export { signAccessToken } from "./sign.ts";
export type { SigningKey } from "./signing-key.ts";
export { toPublicJwk } from "./to-public-jwk.ts";
export type { VerificationKey } from "./verification-key.ts";
export { readIntrospected, readUnsigned, type TokenPolicy, verifyCompact } from "./verify.ts";
