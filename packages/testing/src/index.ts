export { type Cable, createCable } from "./cable.ts";
export { callProcedure, type ProcedureAnswer, type ProcedureCall } from "./call-procedure.ts";
export { type BadCredential, badCredentials } from "./credentials.ts";
export { describeDatabases, describePostgres } from "./databases.ts";
export { describeRefusals } from "./describe-refusals.ts";
export { createFakeClock, type FakeClock } from "./fake-clock.ts";
export { fastest } from "./fastest.ts";
export { type InProcessApp, inProcessFetch } from "./in-process-fetch.ts";
export { inertDeps } from "./inert.ts";
export { introspect } from "./introspect.ts";
export { type CollectedSpan, createOtlpCollector, type OtlpCollector } from "./otlp-collector.ts";
export { readClaims } from "./read-claims.ts";
export { readReport } from "./read-report.ts";
export { createTestCalls, type TestCallsOptions } from "./test-calls.ts";
export { createTestChassis, silentLog, type TestChassisOptions } from "./test-chassis.ts";
export { createTestFeed, type TestFeed } from "./test-feed.ts";
export { createTestGateway, type TestGateway } from "./test-gateway.ts";
export {
  createTestIssuer,
  type DelegatedTokenOptions,
  type TestIssuer,
  type TokenOptions,
  testUserId,
  type UserTokenOptions,
} from "./test-issuer.ts";
export { createTestKit, type KitApps, type TestKit } from "./test-kit.ts";
export { createTestServiceKey, type TestServiceKey } from "./test-service-key.ts";
export { startUpstream, type Upstream, until } from "./upstream.ts";
