import { gatewayPort } from "@countersign/access";
import {
  checkCookieSecurity,
  createLog,
  createMetrics,
  createTransport,
  observeLimits,
  openLimits,
  openTracing,
  readSettingsAtStart,
  runMain,
  serveAnswers,
  serveMetrics,
  shutdownDelayMs,
  watchLoopDelay,
} from "@countersign/service";
import { createApp, createAssertions } from "./app.ts";
import { isAsserting, serviceOrigins } from "./settings.ts";
import { openCookieVerifier, openTrust } from "./trust/open-trust.ts";
import { readGatewayKeys } from "./trust/read-keys.ts";
import { createCallerOf } from "./trusted-proxies.ts";

await runMain(async (shutdown) => {
  const settings = readSettingsAtStart("gateway", process.env);
  const log = createLog({ service: "gateway", level: settings.LOG_LEVEL });
  checkCookieSecurity({ publicUrl: settings.PUBLIC_URL, nodeEnv: settings.NODE_ENV }, log);
  const publicOrigin = settings.PUBLIC_URL;
  const tracing = await openTracing(settings, log);
  shutdown.add(() => tracing?.close());
  const limits = await openLimits(settings, log);
  shutdown.add(() => limits.store.close());
  const transport = createTransport();
  shutdown.add(() => transport.close());
  const trust = await openTrust(settings, log);
  shutdown.add(() => trust?.close());
  const keys = isAsserting(settings) ? await readGatewayKeys(settings.GATEWAY_KEYS_FILE, log) : null;
  const assertions =
    keys === null ? undefined : await createAssertions({ issuer: publicOrigin, privateJwks: keys, now: Date.now });
  const loop = watchLoopDelay(() => performance.now());
  shutdown.add(() => loop.stop());
  const metrics = createMetrics("gateway");
  const callerOf = createCallerOf(settings.TRUSTED_PROXIES);
  const app = createApp({
    upstreams: serviceOrigins(settings),
    apis: settings.UPSTREAMS,
    asserted: settings.ASSERTED_SERVICES ?? [],
    web: settings.WEB_URL,
    publicOrigin,
    allowedOrigins: settings.ALLOWED_ORIGINS,
    trustedProxies: settings.TRUSTED_PROXIES,
    demo: settings.NODE_ENV !== "production",
    forward: transport.forward,
    trust,
    cookieVerifier: trust === undefined ? await openCookieVerifier(settings) : undefined,
    assertions,
    limits: { ...limits, observe: observeLimits(metrics, limits.store) },
    metrics,
    tracer: tracing?.tracerOf("gateway"),
    isStopping: shutdown.isStopping,
    load: { inFlight: settings.MAX_IN_FLIGHT, delayMs: loop.delayMs },
    log,
    now: Date.now,
  });
  const port = settings.METRICS_PORT;
  const numbers = port === undefined ? null : await serveMetrics(metrics, { port, hostname: settings.HOST, log });
  shutdown.add(() => numbers?.stop());
  const served = await serveAnswers(app, {
    port: settings.PORT ?? gatewayPort,
    hostname: settings.HOST,
    log,
    limits: { connectionsPerAddress: settings.MAX_CONNECTIONS_PER_ADDRESS },
    isProxy: (address) => callerOf(address, new Map()).vouchedFor,
  });
  shutdown.add(() => served.stop());
  log.info({ url: served.url }, "Listening.");
  shutdown.delayBy(shutdownDelayMs(settings), () => {
    log.info({}, "Stopping.");
    served.announceStop();
  });
});
