export {
  asymmetricAlgorithms,
  createInsecureMixedKeySet,
  createRemoteKeySet,
  type KeySource,
  TokenError,
} from "@countersign/tokens";
export { challengeOf, invalidCredential, readBearer } from "./bearer.ts";
export type { CallPort, OutgoingCall, Subject, Trace } from "./call-port.ts";
export { type Calls, defineCalls } from "./calls.ts";
export { assertionHeader, type CheckByGatewayDeps, checkByGateway } from "./check-by-gateway.ts";
export { type AskingDeps, checkByIntrospection } from "./check-by-introspection.ts";
export { checkByKeys } from "./check-by-keys.ts";
export type { Context, Denial, Follows, Gate, GiveBack, Log, Settled } from "./context.ts";
export { type Arrival, createContext } from "./create-context.ts";
export { type Access, type DeclaredProcedure, walkRouter } from "./declared.ts";
export { type IsUnavailable, Refusal, type RefusalCode, refusals, statusOf, toRefusal } from "./errors.ts";
export {
  type Feed,
  type FeedCounts,
  type FeedLag,
  type FeedState,
  followRevocations,
  revocationTopic,
} from "./follow-revocations.ts";
export type { CallingService, Identity, ServiceVersion, User } from "./identity.ts";
export { describeInput, type InputProblem } from "./input-errors.ts";
export type { Limit, LimitBy, Quota } from "./limit.ts";
export { pathProxy } from "./path-proxy.ts";
export {
  delegatedProcedure,
  directProcedure,
  permissionProcedure,
  protectedProcedure,
  publicProcedure,
  roleProcedure,
  serviceProcedure,
} from "./procedures.ts";
export { type ProtectedResource, protectedResource, protectedResourceMetadata } from "./protected-resource.ts";
export { eventTypes, feedAudience, fromSecurityEvent, rolesChanged, toSecurityEvent } from "./revocation-events.ts";
export { type RevocationPage, type RevocationSource, revocationPage } from "./revocation-source.ts";
export { createRevocations, type Revocation, type Revocations } from "./revocations.ts";
export type { Checked, TokenCheck } from "./token-check.ts";
export { factsOfIdentity, type TokenFacts } from "./token-facts.ts";
export { type Meta, router } from "./trpc.ts";
export { createVerifier, type Verifier, type VerifierDeps } from "./verifier.ts";
