import path from "node:path";
import { type ServiceName, services } from "@countersign/access";
import { type Database, type OpenDatabase, openDatabase } from "@countersign/database";
import type { AnyRouter } from "@trpc/server";
import type { Chassis } from "./chassis.ts";
import { connectChassis } from "./connect-chassis.ts";
import { createReach } from "./create-reach.ts";
import type { ServiceApp } from "./create-service-app.ts";
import { openLimits } from "./limits/open-limits.ts";
import { createLog } from "./log.ts";
import { openBus } from "./open-bus.ts";
import { runMain } from "./run-main.ts";
import { serve } from "./serve.ts";
import { openServiceKey } from "./service-key.ts";
import { databaseOptions } from "./settings/database-options.ts";
import { eventsOptions } from "./settings/events-options.ts";
import { insecureSecretsOf } from "./settings/insecure-secrets.ts";
import { readSettingsAtStart } from "./settings/read-at-start.ts";
import type { Env } from "./settings/read-settings.ts";
import { originsFrom, originsLeftOut } from "./settings/service-origins.ts";
import { readTokenCheck } from "./settings/token-check.ts";
import type { Shutdown } from "./shutdown.ts";
import { shutdownDelayMs } from "./shutdown-settings.ts";
import { openTracing } from "./tracing/open-tracing.ts";
import { fetchOver } from "./transport/fetch-over.ts";
import { createTransport } from "./transport/http.ts";
import { watchDatabase } from "./watch-database.ts";

/** What the app of a domain service is made from. */
export type DomainDeps = { readonly chassis: Chassis; readonly database: OpenDatabase };

/** Work that goes on beside answering, until it is stopped. */
export type Work = { stop(): void | Promise<void> };

/** A domain service as its `app.ts` exports it. */
export type DomainService = {
  readonly createApp: (deps: DomainDeps) => ServiceApp;
  /** Its router, from dependencies of its own kind; for reading what it declares. */
  readonly createRouter: (deps: never) => AnyRouter;
  /** The folder of its migrations, an absolute path. */
  readonly migrationsFolder: string;
  /** Puts demo data in, once; never called in production. */
  readonly seed?: (db: Database) => Promise<void>;
  /** Begins what the service does beside answering. */
  readonly startWork?: (deps: DomainDeps) => Work;
};

/**
 * Runs a domain service as a process of its own (see `runMain`): reads its settings, opens and migrates its database,
 * connects to auth and listens.
 */
export function runService(service: ServiceName, domain: DomainService, env: Env): Promise<void> {
  return runMain((shutdown) => startService(service, domain, { env, shutdown }));
}

type Process = { readonly env: Env; readonly shutdown: Shutdown };

async function startService(service: ServiceName, domain: DomainService, { env, shutdown }: Process): Promise<void> {
  const settings = readSettingsAtStart("service", env, originsLeftOut(service));
  const log = createLog({ service, level: settings.LOG_LEVEL });
  const { insecureAcceptedSecrets: insecureSharedSecrets } = insecureSecretsOf(settings);
  const gateway = settings.GATEWAY_URL ?? settings.PUBLIC_URL;
  const tokenCheck = readTokenCheck(settings, { gateway, sharesSecret: insecureSharedSecrets !== null });
  const keyFile = settings.SERVICE_KEY_FILE ?? path.join(".data", "keys", `${service}.json`);
  const key = await openServiceKey(keyFile, { service, log });
  const tracing = await openTracing(settings, log);
  shutdown.add(() => tracing?.close());
  const database = await openDatabase(settings.DATABASE_URL, {
    ...databaseOptions(settings),
    observe: tracing?.observe,
  });
  shutdown.add(() => database.close());
  await database.migrate(service, domain.migrationsFolder);
  const issuer = settings.PUBLIC_URL;
  const origins = originsFrom(settings);
  const transport = createTransport();
  shutdown.add(() => transport.close());
  const self = { service, issuer, origins, key, log, now: Date.now, fetch: fetchOver(transport) };
  const reach = createReach(self);
  const bus = openBus({ ...eventsOptions(settings), database, log, auth: reach });
  shutdown.add(() => bus.close());
  const limits = await openLimits(settings, log);
  shutdown.add(() => limits.store.close());
  const trustedProxies = settings.TRUSTED_PROXIES;
  const chassis = connectChassis({
    ...self,
    insecureSharedSecrets,
    tokenCheck,
    bus,
    reach,
    trustedProxies,
    limits,
    tracer: tracing?.tracerOf(service),
    isStopping: shutdown.isStopping,
  });
  shutdown.add(() => chassis.feed.close());
  watchDatabase(chassis.metrics, database);
  const app = domain.createApp({ chassis, database });
  const work = domain.startWork?.({ chassis, database });
  shutdown.add(() => work?.stop());
  const served = await serve(app.fetch, {
    port: settings.PORT ?? services[service].port,
    hostname: settings.HOST,
    log,
  });
  shutdown.add(() => served.stop());
  log.info({ url: served.url }, "Listening.");
  shutdown.delayBy(shutdownDelayMs(settings), () => {
    log.info({}, "Stopping.");
    served.announceStop();
  });
}
