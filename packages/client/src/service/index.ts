export { importSigningKey, type SigningKey } from "@countersign/tokens";
export { type ServiceCallCode, ServiceCallError } from "./call-error.ts";
export {
  createServiceCalls,
  type ServiceCall,
  type ServiceCalls,
  type ServiceCallsDeps,
  timeLeftHeader,
} from "./calls.ts";
export { createIntrospection, type IntrospectionDeps, IntrospectionError } from "./introspection.ts";
export {
  createServiceStreams,
  type ServiceStream,
  type ServiceStreams,
  type ServiceStreamsDeps,
  type StreamedItem,
} from "./streams.ts";
export { ServiceTokenError, type ServiceTokenErrorCode } from "./token-error.ts";
export { createServiceTokens, type ServiceTokens, type ServiceTokensDeps } from "./tokens.ts";
