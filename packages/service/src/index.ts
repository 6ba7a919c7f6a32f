export { addressKey, addressPath } from "./address-key.ts";
export { type Chassis, type ChassisDeps, createChassis } from "./chassis.ts";
export { checkCookieSecurity } from "./check-cookie-security.ts";
export { checkDatabase } from "./check-database.ts";
export { type ClientAddress, createClientAddress, unknownClient, warnOnce } from "./client-address.ts";
export { type ConnectDeps, connectChassis } from "./connect-chassis.ts";
export { cookieValues } from "./cookies/cookie-values.ts";
export { type ExpiredCookie, expireCookie, expireNamesakes } from "./cookies/expire-cookie.ts";
export { nameOf as cookieNameOf, otherCookies } from "./cookies/other-cookies.ts";
export { createServiceApp, type ServiceApp, type ServiceAppOptions } from "./create-service-app.ts";
export { type DenialReport, denialReport, denialTopic, isReporter, type Reporter } from "./denials/denial-report.ts";
export { reportDenials } from "./denials/report-denials.ts";
export { isEventKeyOf, type SignedReport, signedReport, signReport } from "./denials/signed-report.ts";
export { explainFailure } from "./explain-failure.ts";
export { type StreamedFeed, streamTopic } from "./feed/stream-topic.ts";
export { appendField } from "./fields.ts";
export { type Readiness, type ReadinessCheck, readReadiness } from "./health.ts";
export { announceQuota } from "./limits/announce-quota.ts";
export { createFairShares, type FairShares } from "./limits/fair-shares.ts";
export { type LimitStore, LimitStoreError } from "./limits/limit-store.ts";
export { createOpenCount, standardStreamSizes, tooManyStreams } from "./limits/limit-streams.ts";
export {
  type Counter,
  createLimiter,
  type Limiter,
  type LimiterDeps,
  type LimitSize,
  type Taken,
} from "./limits/limiter.ts";
export { createMemoryStore } from "./limits/memory-store.ts";
export { observeLimits } from "./limits/observe-limits.ts";
export { type LimitSettings, openLimits } from "./limits/open-limits.ts";
export { tooMany } from "./limits/too-many.ts";
export { localOrigins } from "./local-origins.ts";
export { createLog, type LogOptions } from "./log.ts";
export { createMetrics, type Metrics } from "./metrics.ts";
export { type BusSettings, openBus } from "./open-bus.ts";
export { parseSecrets } from "./parse-secrets.ts";
export { type Arrived, readArrived } from "./read-arrived.ts";
export { findTrace, readTrace, traceIdOf, withFlag } from "./read-trace.ts";
export { readRequestId } from "./request-id.ts";
export { createRevocationSource, createRevocationsSince } from "./revocation-source.ts";
export { runMain } from "./run-main.ts";
export { type DomainDeps, type DomainService, runService } from "./run-service.ts";
export {
  type Answer,
  type Answering,
  type Asked,
  type Fetch,
  isEventStream,
  ListenError,
  type ListenerLimits,
  limitReader,
  type Peer,
  type Served,
  type ServeOptions,
  serve,
  serveAnswers,
  toFetch,
  toUrl,
  watchEnd,
} from "./serve.ts";
export { type MetricsListener, serveMetrics } from "./serve-metrics.ts";
export { openServiceKey, type ServiceKey } from "./service-key.ts";
export { ConfigurationError } from "./settings/configuration-error.ts";
export { databaseOptions } from "./settings/database-options.ts";
export { describeNames } from "./settings/describe-names.ts";
export { type EventsOptions, eventsOptions } from "./settings/events-options.ts";
export { insecureSecretsOf } from "./settings/insecure-secrets.ts";
export { findNearNames, variableNames, variablesOf } from "./settings/near-names.ts";
export { readSettingsAtStart } from "./settings/read-at-start.ts";
export { type Env, readSetting, readSettings } from "./settings/read-settings.ts";
export type { MailSender, SmtpServer } from "./settings/smtp-url.ts";
export {
  isSecretSetting,
  type Reader,
  readingOf,
  type SettingName,
  type SettingsOf,
  serviceUrlOf,
  settingNames,
} from "./settings/table.ts";
export { readTokenCheck, type TokenCheckSetting } from "./settings/token-check.ts";
export { createShutdown, type Shutdown } from "./shutdown.ts";
export { shutdownDelayMs } from "./shutdown-settings.ts";
export { StartError } from "./start-error.ts";
export { openTracing } from "./tracing/open-tracing.ts";
export type { Span, Tracer, Tracing } from "./tracing/tracing.ts";
export { fetchOver } from "./transport/fetch-over.ts";
export { createTransport } from "./transport/http.ts";
export { type Forward, type Incoming, type Outgoing, type Transport, TransportError } from "./transport/port.ts";
export { createTrustedNetworks } from "./trusted-networks.ts";
export { watchDatabase } from "./watch-database.ts";
export { watchIdentity } from "./watch-identity.ts";
export { type LoopDelay, watchLoopDelay } from "./watch-loop-delay.ts";
