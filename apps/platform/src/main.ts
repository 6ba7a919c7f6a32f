import {
  checkpointsOf,
  confirmsRegistrationOf,
  mailOf,
  readProviders,
  secretsOf,
  sessionLifeOf,
} from "@countersign/auth/app";
import {
  checkCookieSecurity,
  createLog,
  databaseOptions,
  eventsOptions,
  insecureSecretsOf,
  openTracing,
  readSettingsAtStart,
  readTokenCheck,
  runMain,
  shutdownDelayMs,
} from "@countersign/service";
import { advisePort } from "./run/advise-port.ts";
import { portsFrom } from "./run/ports.ts";
import { describePlatform } from "./run/print-table.ts";
import { startPlatform } from "./run/start-platform.ts";
import { assertedServices } from "./run/token-checks.ts";

/** `npm start`: every service in one process. */
await runMain(async (shutdown) => {
  const settings = readSettingsAtStart("start", process.env);
  const log = (service: string) => createLog({ service, level: settings.LOG_LEVEL });
  checkCookieSecurity({ publicUrl: settings.PUBLIC_URL, nodeEnv: settings.NODE_ENV }, log("gateway"));
  const mail = mailOf(settings, log("auth"));
  const insecure = insecureSecretsOf(settings);
  const sharesSecret = insecure.insecureAcceptedSecrets !== null;
  const asserted = assertedServices(settings);
  readTokenCheck(settings, { gateway: "", sharesSecret });
  const platform = await startPlatform({
    dataDir: settings.DATA_DIR,
    keysDir: settings.SERVICE_KEYS_DIR,
    databaseUrl: settings.DATABASE_URL,
    databaseOptions: databaseOptions(settings),
    ...eventsOptions(settings),
    ...insecure,
    tokenCheck: (name, gateway) =>
      settings.TOKEN_CHECK === "gateway" && !asserted.includes(name)
        ? { by: "keys" }
        : readTokenCheck(settings, { gateway, sharesSecret }),
    secrets: await secretsOf(settings),
    publicUrl: settings.PUBLIC_URL,
    algorithm: settings.TOKEN_ALG,
    limits: settings,
    auditRetentionDays: settings.AUDIT_RETENTION_DAYS,
    tokenScope: settings.TOKEN_SCOPE,
    sessionsPerUser: settings.MAX_SESSIONS_PER_USER,
    mail,
    confirmsRegistration: confirmsRegistrationOf(settings, mail),
    signInByMail: settings.SIGN_IN_BY_MAIL,
    sessionLife: sessionLifeOf(settings),
    auditCheckpoints: checkpointsOf(settings),
    providers: await readProviders(settings),
    signInRedirects: settings.SIGN_IN_REDIRECTS,
    providerNetworks: settings.PROVIDER_NETWORKS,
    metricsPort: settings.METRICS_PORT,
    gateway: {
      apis: settings.UPSTREAMS,
      web: settings.WEB_URL,
      allowedOrigins: settings.ALLOWED_ORIGINS,
      trustedProxies: settings.TRUSTED_PROXIES,
      keysFile: settings.GATEWAY_KEYS_FILE,
      connectionsPerAddress: settings.MAX_CONNECTIONS_PER_ADDRESS,
      inFlight: settings.MAX_IN_FLIGHT,
    },
    tracing: await openTracing(settings, log("platform")),
    seed: settings.NODE_ENV !== "production",
    hostname: settings.HOST,
    portOf: portsFrom(settings.PORT),
    log,
    shutdown,
  }).catch(async (error: unknown) => {
    throw await advisePort(error, { port: settings.PORT, hostname: settings.HOST });
  });
  shutdown.delayBy(shutdownDelayMs(settings), platform.announceStop);
  process.stdout.write(`${await describePlatform(platform)}\n`);
});
