export { importSigningKey, type SigningKey, signDenialReport } from "@countersign/tokens";
export { type CallClient, createCallClient } from "./call-client.ts";
export { type ServiceCallCode, ServiceCallError } from "./call-error.ts";
export { repeatHeader, timeLeftHeader } from "./call-headers.ts";
export { createServiceCalls, type ServiceCalls, type ServiceCallsDeps } from "./calls.ts";
export { type Circuit, type Circuits, createCircuits } from "./circuits.ts";
export {
  type CallSubject,
  createExchangedTokens,
  type Ended,
  type ExchangedTokens,
  type ExchangedTokensDeps,
} from "./exchanged-tokens.ts";
export { guardFetch } from "./guard-fetch.ts";
export { createIntrospection, type IntrospectionDeps, IntrospectionError } from "./introspection.ts";
export { procedureTypeHeader } from "./procedure-types.ts";
export {
  createRevocationList,
  type RevocationListDeps,
  RevocationListError,
  type RevocationPlace,
} from "./revocation-list.ts";
export type { ServiceCall } from "./service-call.ts";
export {
  createServiceStreams,
  type ServiceStream,
  type ServiceStreams,
  type ServiceStreamsDeps,
  type StreamedItem,
} from "./streams.ts";
export { ServiceTokenError, type ServiceTokenErrorCode } from "./token-error.ts";
export { createServiceTokens, type ServiceTokens, type ServiceTokensDeps } from "./tokens.ts";
