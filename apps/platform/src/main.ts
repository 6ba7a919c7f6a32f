import { services } from "@countersign/access";
import { readCheckpointSettings, secretsOf, sessionLifeOf } from "@countersign/auth/app";
import {
  checkCookieSecurity,
  createLog,
  databaseOptions,
  eventsOptions,
  openTracing,
  readEnv,
  readInsecureAcceptedSecrets,
  readInsecureSharedSecrets,
  runMain,
  shutdownDelayMs,
} from "@countersign/service";
import { platformEnv } from "./env.ts";
import { describePlatform } from "./run/print-table.ts";
import { startPlatform } from "./run/start-platform.ts";

/** `npm start`: every service in one process. */
await runMain(async (shutdown) => {
  const settings = readEnv(platformEnv, process.env);
  const log = (service: string) => createLog({ service, level: settings.LOG_LEVEL });
  checkCookieSecurity({ publicUrl: settings.PUBLIC_URL, nodeEnv: settings.NODE_ENV }, log("gateway"));
  const seed = settings.NODE_ENV !== "production";
  const platform = await startPlatform({
    dataDir: settings.DATA_DIR,
    databaseUrl: settings.DATABASE_URL,
    databaseOptions: databaseOptions(settings),
    ...eventsOptions(settings),
    insecureSharedSecrets: await readInsecureSharedSecrets(settings),
    insecureAcceptedSecrets: await readInsecureAcceptedSecrets(settings),
    secrets: await secretsOf(settings, settings.DATA_DIR),
    publicUrl: settings.PUBLIC_URL,
    algorithm: settings.TOKEN_ALG,
    limits: settings,
    auditRetentionDays: settings.AUDIT_RETENTION_DAYS,
    tokenScope: settings.TOKEN_SCOPE,
    sessionsPerUser: settings.MAX_SESSIONS_PER_USER,
    sessionLife: sessionLifeOf(settings),
    auditCheckpoints: readCheckpointSettings(settings),
    metricsPort: settings.METRICS_PORT,
    tracing: await openTracing(settings, log("platform")),
    seed,
    hostname: settings.HOST,
    portOf: (name) => (name === "gateway" ? settings.PORT : services[name].port),
    log,
    shutdown,
  });
  shutdown.delayBy(shutdownDelayMs(settings), platform.announceStop);
  process.stdout.write(`${await describePlatform(platform)}\n`);
});
