import { openDatabase } from "@countersign/database";
import {
  ConfigurationError,
  createLog,
  databaseOptions,
  eventsOptions,
  openBus,
  openLimits,
  openTracing,
  readEnv,
  readInsecureAcceptedSecrets,
  readInsecureSharedSecrets,
  serve,
  stopOnSignals,
} from "@countersign/service";
import { createApp, keepUp, migrationsFolder, openAuth } from "./app.ts";
import { readCheckpointSettings } from "./audit/audit-settings.ts";
import { authEnv } from "./env.ts";
import { readSecrets } from "./secrets/read-secrets.ts";
import { sessionLifeOf } from "./sessions/session-settings.ts";

const settings = readEnv(authEnv, process.env);
const secrets = await readSecrets(settings);
const insecureSharedSecrets = await readInsecureSharedSecrets(settings);
const insecureAcceptedSecrets = await readInsecureAcceptedSecrets(settings);
const log = createLog({ service: "auth", level: settings.LOG_LEVEL });
const tracing = await openTracing(settings, log);
const database = await openDatabase(settings.DATABASE_URL, {
  ...databaseOptions(settings),
  observe: tracing?.observe,
});
await database.migrate("auth", migrationsFolder);
const bus = openBus({ ...eventsOptions(settings), database, log });
const limits = await openLimits(settings, log);
const auth = await openAuth({
  database,
  bus,
  issuer: settings.PUBLIC_URL,
  algorithm: settings.TOKEN_ALG,
  secrets,
  insecureSharedSecrets,
  insecureAcceptedSecrets,
  trustedProxies: settings.TRUSTED_PROXIES,
  limits,
  tracer: tracing?.tracerOf("auth"),
  auditRetentionDays: settings.AUDIT_RETENTION_DAYS,
  sessionsPerUser: settings.MAX_SESSIONS_PER_USER,
  demo: settings.NODE_ENV !== "production",
  sessionLife: sessionLifeOf(settings),
  auditCheckpoints: readCheckpointSettings(settings),
  log,
  now: Date.now,
}).catch(endWithSentence);
const served = await serve(createApp(auth).fetch, { port: settings.PORT, hostname: settings.HOST, log });
const rest = keepUp(auth);
log.info({ url: served.url }, "Listening.");
stopOnSignals(log, async () => {
  auth.deps.revocationFeed.close();
  await served.stop();
  await rest();
  await auth.chassis.feed.close();
  await limits.store.close();
  await bus.close();
  await database.close();
  await tracing?.close();
});

/** What an operator can mend ends the start with a sentence instead of a stack. */
function endWithSentence(error: unknown): never {
  if (!(error instanceof ConfigurationError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
