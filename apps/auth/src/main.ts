import { services } from "@countersign/access";
import { openDatabase } from "@countersign/database";
import {
  checkCookieSecurity,
  createLog,
  databaseOptions,
  eventsOptions,
  insecureSecretsOf,
  openBus,
  openLimits,
  openTracing,
  readSettingsAtStart,
  runMain,
  serve,
  shutdownDelayMs,
} from "@countersign/service";
import { createApp, keepUp, migrationsFolder, openAuth } from "./app.ts";
import { readProviders } from "./providers/read-providers.ts";
import { checkpointsOf, confirmsRegistrationOf, mailOf, sessionLifeOf } from "./settings.ts";

await runMain(async (shutdown) => {
  const settings = readSettingsAtStart("auth", process.env);
  const log = createLog({ service: "auth", level: settings.LOG_LEVEL });
  const mail = mailOf(settings, log);
  checkCookieSecurity({ publicUrl: settings.PUBLIC_URL, nodeEnv: settings.NODE_ENV }, log);
  const tracing = await openTracing(settings, log);
  shutdown.add(() => tracing?.close());
  const database = await openDatabase(settings.DATABASE_URL, {
    ...databaseOptions(settings),
    observe: tracing?.observe,
  });
  shutdown.add(() => database.close());
  await database.migrate("auth", migrationsFolder);
  const bus = openBus({ ...eventsOptions(settings), database, log });
  shutdown.add(() => bus.close());
  const limits = await openLimits(settings, log);
  shutdown.add(() => limits.store.close());
  const auth = await openAuth({
    database,
    bus,
    issuer: settings.PUBLIC_URL,
    algorithm: settings.TOKEN_ALG,
    secrets: settings.SECRETS_KEY,
    ...insecureSecretsOf(settings),
    trustedProxies: settings.TRUSTED_PROXIES,
    limits,
    tracer: tracing?.tracerOf("auth"),
    isStopping: shutdown.isStopping,
    auditRetentionDays: settings.AUDIT_RETENTION_DAYS,
    tokenScope: settings.TOKEN_SCOPE,
    sessionsPerUser: settings.MAX_SESSIONS_PER_USER,
    demo: settings.NODE_ENV !== "production",
    sessionLife: sessionLifeOf(settings),
    providers: await readProviders(settings),
    signInRedirects: settings.SIGN_IN_REDIRECTS,
    providerNetworks: settings.PROVIDER_NETWORKS,
    auditCheckpoints: checkpointsOf(settings),
    mail,
    confirmsRegistration: confirmsRegistrationOf(settings, mail),
    signInByMail: settings.SIGN_IN_BY_MAIL,
    log,
    now: Date.now,
  });
  shutdown.add(() => auth.chassis.feed.close());
  const served = await serve(createApp(auth).fetch, {
    port: settings.PORT ?? services.auth.port,
    hostname: settings.HOST,
    log,
  });
  shutdown.add(keepUp(auth));
  shutdown.add(() => served.stop());
  shutdown.add(() => auth.deps.revocationFeed.close());
  log.info({ url: served.url }, "Listening.");
  shutdown.delayBy(shutdownDelayMs(settings), () => {
    log.info({}, "Stopping.");
    served.announceStop();
  });
});
